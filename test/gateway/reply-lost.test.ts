import { describe, expect, it } from '@jest/globals'
import { outcome } from '../../src/client/index.js'
import { PaperWorld } from './paper-world.js'

const order = { symbol: 'BTC/USDT', action: 'BUY', price: 50_000, quantity: 0.01, order_type: 'LIMIT' } as const
const market = { ...order, price: 0, quantity: 1_000, order_type: 'MARKET' } as const

describe('a connection that is cut between taking an order and replying', () => {
  it('costs nothing: the client comes back, sends the order again with its old cid, and gets the reply; there is one order', () => {
    const world = new PaperWorld()
    const anna = world.login('the-key-of-anna')
    world.cutAt = ({ op }) => op === 'place_order'
    const placed = world.soon(anna.placeOrder(order).pipe(outcome()), 20_000)
    const open = world.soon(anna.openOrders('BTC/USDT'))
    expect(open).toHaveLength(1)
    expect(placed).toMatchObject({ _tag: 'Done', value: { order_no: open[0]!.order_no, cid: open[0]!.cid } })
  })

  it('does not trade a MARKET order twice, which leaves nothing open to be found by', () => {
    const world = new PaperWorld()
    const bert = world.login('the-key-of-bert')
    world.soon(bert.placeOrder({ ...order, action: 'SELL', quantity: 1 }))
    const anna = world.login('the-key-of-anna')
    world.cutAt = ({ op }) => op === 'place_order'
    expect(world.soon(anna.placeOrder(market).pipe(outcome()), 20_000)).toMatchObject({ _tag: 'Done' })
    expect(world.soon(anna.asset()).USDT?.total).toBe(99_000)
    expect(world.exchange.audit()).toEqual([])
  })

  it('proves nothing where the order could not be repeated: it was too old when the client came back', () => {
    const world = new PaperWorld()
    const bert = world.login('the-key-of-bert')
    world.soon(bert.placeOrder({ ...order, action: 'SELL', quantity: 1 }))
    const anna = world.login('the-key-of-anna', {})
    world.cutAt = ({ op }) => op === 'place_order'
    world.reachable = false
    const ended = world.soon(anna.placeOrder(market, { maxAgeMs: 2_000 }).pipe(outcome()), 20_000)
    world.reachable = true
    expect(ended).toMatchObject({ _tag: 'Unresolved' })
    world.scheduler.advanceBy(120_000)
    expect(world.soon(anna.asset()).USDT?.total).toBe(99_000)
  })
})
