import { beforeEach, describe, expect, it } from '@jest/globals'
import { mergeMap, type Observable, Subject } from 'rxjs'
import { type Account, connect, outcome } from '../../src/client/index.js'
import { CloseCode, paperPlatforms, type PaperPlatform, serve } from '../../src/gateway/index.js'
import { seededEntropy, VirtualScheduler, virtualClock } from '../../src/time/index.js'
import { type Connection, memoryTransport } from '../../src/transport/index.js'

/** A gateway and its clients in one process and in virtual time. */
class World {
  readonly scheduler = new VirtualScheduler()
  readonly clock = virtualClock(this.scheduler)
  readonly platforms: ReadonlyMap<string, PaperPlatform>
  readonly #connection$ = new Subject<Connection>()
  readonly served: Connection[] = []

  constructor(market: 'none' | 'synthetic' = 'none') {
    const { scheduler, clock } = this
    this.platforms = paperPlatforms({ market, seed: 7, scheduler, clock })
    this.#connection$.subscribe((connection) => this.served.push(connection))
    serve(this.#connection$, { platforms: this.platforms, scheduler, clock }).subscribe()
  }

  login(access_key: string, platform = 'huobi'): Account {
    const { scheduler, clock } = this
    const transport = memoryTransport((connection) => this.#connection$.next(connection), { scheduler, delayMs: 1 })
    const gateway = connect(transport, { scheduler, clock, entropy: seededEntropy(access_key.length) })
    return this.soon(
      gateway.login({ platform, symbols: ['BTC/USDT', 'ETH/USDT'], access_key, secret_key: 'a-secret-key' }),
    )
  }

  /** The first value of a stream that stays subscribed to. */
  soon<A>(source$: Observable<A>, withinMs = 1_000): A {
    const values: A[] = []
    source$.subscribe((value) => values.push(value))
    this.scheduler.advanceBy(withinMs)
    if (values[0] === undefined) throw new Error(`nothing came within ${withinMs} ms`)
    return values[0]
  }
}

const order = { symbol: 'BTC/USDT', action: 'BUY', price: 50_000, quantity: 0.01, order_type: 'LIMIT' } as const

let world: World
beforeEach(() => {
  world = new World()
})

describe('our client and our gateway', () => {
  it('trade: a partial fill, its notices, and the balances', () => {
    const anna = world.login('the-key-of-anna')
    const bert = world.login('the-key-of-bert-too')
    const fills: unknown[] = []
    anna.fill$.subscribe(({ quantity, liquidity }) => fills.push([quantity, liquidity]))
    const { order_no } = world.soon(anna.placeOrder(order))
    world.soon(bert.placeOrder({ ...order, action: 'SELL', quantity: 0.004, order_type: 'IOC' }))
    expect(fills).toEqual([[0.004, 'MAKER']])
    expect(world.soon(anna.openOrders('BTC/USDT'))).toMatchObject([
      { order_no, remain: 0.006, status: 'PARTIAL-FILLED' },
    ])
    expect(world.soon(anna.cancelOrder({ symbol: 'BTC/USDT', order_nos: [order_no] }))).toEqual([
      { order_no, result: true, error_message: '' },
    ])
    expect(world.soon(anna.asset()).USDT).toEqual({ free: 99_800, locked: 0, total: 99_800 })
  })

  it('agree on what a refusal is, whatever numbers its words hold', () => {
    const anna = world.login('the-key-of-anna')
    const poor = { ...order, price: 50_000, quantity: 1.99 }
    world.soon(anna.placeOrder(poor))
    const refused = world.soon(anna.placeOrder(poor).pipe(outcome()))
    expect(refused).toMatchObject({ _tag: 'Rejected', message: expect.stringContaining('500') })
  })

  it('find each other again after a drop, with the same account and its orders', () => {
    const anna = world.login('the-key-of-anna')
    world.soon(anna.placeOrder(order))
    world.served[0]!.close(CloseCode.INTERNAL_ERROR, 'a drop')
    world.scheduler.advanceBy(5_000)
    expect(world.served).toHaveLength(2)
    expect(world.soon(anna.ready$)).toBe(true)
    expect(world.soon(anna.openOrders('BTC/USDT'))).toHaveLength(1)
  })

  it('hold a connection for an hour without trades', () => {
    const anna = world.login('the-key-of-anna')
    world.scheduler.advanceBy(3_600_000)
    expect(world.served).toHaveLength(1)
    expect(world.soon(anna.ready$)).toBe(true)
  })

  it('trade against a market that lives', () => {
    world = new World('synthetic')
    const anna = world.login('the-key-of-anna', 'okex')
    const bought = world.soon(
      anna.placeOrder({ ...order, order_type: 'MARKET', price: 0, quantity: 1_000 }).pipe(mergeMap(() => anna.asset())),
    )
    expect(bought.BTC?.total).toBeGreaterThan(5.01)
    expect(world.platforms.get('okex')!.exchange.audit()).toEqual([])
  })
})
