import { describe, expect, it } from '@jest/globals'
import { NoticeLog } from '../../src/gateway/index.js'
import { anOrder } from './fake-exchange.js'
import { PaperWorld } from './paper-world.js'

const order = { symbol: 'BTC/USDT', action: 'BUY', price: 50_000, quantity: 0.01, order_type: 'LIMIT' } as const
const numbers = (notices: readonly { readonly data: { readonly seq: number } }[] | undefined) =>
  notices?.map(({ data }) => data.seq)

describe('the numbered notices of an account', () => {
  const history = (count: number, most?: number) => {
    const made = new NoticeLog({ base: 100, ...(most === undefined ? {} : { most }) })
    for (let i = 0; i < count; i++) made.order(anOrder)
    return made
  }

  it('count up by one, from one above the base', () => {
    expect(history(0).seq).toBe(100)
    expect(history(3).seq).toBe(103)
    expect(numbers(history(3).since(100))).toEqual([101, 102, 103])
  })

  it('are given from any number that is kept', () => {
    expect(numbers(history(3).since(102))).toEqual([103])
    expect(numbers(history(3).since(103))).toEqual([])
  })

  it.each([99, 104, 101.5, -1, 0])('are not given from %p, which is none of theirs', (seq) => {
    expect(history(3).since(seq)).toBeUndefined()
  })

  it.each([3, 4, 5, 6, 7, 50])(
    'are bounded: of %i the newest three are kept, and it is said of the others',
    (count) => {
      const kept = history(count, 3)
      expect(numbers(kept.since(97 + count))).toEqual([98 + count, 99 + count, 100 + count])
      if (count > 3) expect(kept.since(96 + count)).toBeUndefined()
    },
  )
})

describe('a client that was away', () => {
  const away = (world: PaperWorld, act: () => void) => {
    world.reachable = false
    world.cut()
    world.scheduler.advanceBy(2_000)
    act()
    world.reachable = true
    world.scheduler.advanceBy(60_000)
  }
  /** Whoever trades meanwhile, straight at the exchange's door. */
  const watched = (world: PaperWorld) => {
    const anna = world.login('the-key-of-anna')
    const heard: unknown[] = []
    const gaps: unknown[] = []
    anna.fill$.subscribe(({ quantity }) => heard.push(quantity))
    anna.gap$.subscribe(({ recovered, missing, unanswered }) =>
      gaps.push({ recovered, missing: missing.length, unanswered }),
    )
    return { anna, heard, gaps }
  }

  it('hears of the fills meanwhile, each once, and that nothing was lost', () => {
    const world = new PaperWorld()
    const { anna, heard, gaps } = watched(world)
    world.soon(anna.placeOrder(order))
    away(world, () => {
      world.reachable = true
      const bert = world.login('the-key-of-bert')
      for (const quantity of [0.004, 0.006]) {
        world.soon(bert.placeOrder({ ...order, action: 'SELL', quantity, order_type: 'IOC' }))
      }
    })
    expect(heard).toEqual([0.004, 0.006])
    expect(gaps).toEqual([{ recovered: true, missing: 0, unanswered: [] }])
    expect(world.soon(anna.asset()).BTC?.total).toBeGreaterThan(5)
  })

  it('hears the end of an order that ended meanwhile, before the snapshots', () => {
    const world = new PaperWorld()
    const { anna } = watched(world)
    const { order_no } = world.soon(anna.placeOrder(order))
    const ends: string[] = []
    anna.order$.subscribe((told) => told.order_no === order_no && ends.push(told.status))
    away(world, () => {
      world.reachable = true
      const bert = world.login('the-key-of-bert')
      world.soon(bert.placeOrder({ ...order, action: 'SELL', order_type: 'IOC' }))
    })
    expect(ends.at(-1)).toBe('FILLED')
  })

  it('learns that notices may be lost after a restart of the gateway, whatever the numbers', () => {
    const world = new PaperWorld()
    const { anna, gaps } = watched(world)
    world.soon(anna.placeOrder(order))
    world.reachable = false
    world.restart()
    world.reachable = true
    world.scheduler.advanceBy(60_000)
    expect(gaps).toEqual([{ recovered: false, missing: 1, unanswered: [] }])
  })
})
