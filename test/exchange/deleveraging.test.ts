import { describe, expect, it } from '@jest/globals'
import { type ExchangeCommand, createExchange, type ExchangeEvent, PLATFORMS } from '../../src/exchange/index.js'

const symbol = 'BTC/USDT'

/** huobi_future: 0.001 BTC a contract, ten times, fees of 0.02 and 0.04 %. No house but where one is asked for. */
function open(deposits: Record<string, number>, house = false) {
  const exchange = createExchange({ platform: 'huobi_future', symbols: PLATFORMS.get('huobi_future')!.slice(0, 1) })
  let now = 1_700_000_000_000
  const tell = (command: ExchangeCommand) => {
    const events = exchange.apply(command, ++now)
    expect(exchange.audit()).toEqual([])
    return events
  }
  for (const [account, USDT] of Object.entries({ ...deposits, maker: 1_000_000 }))
    tell({ type: 'open-account', account, deposits: { USDT } })
  if (house) tell({ type: 'open-account', account: 'house', house: true })
  const place = (account: string, action: 'BUY' | 'SELL', price: number, quantity: number) =>
    tell({ type: 'place', account, symbol, action, price, quantity, order_type: 'LIMIT' })
  return {
    ...{ exchange, tell, place },
    /** One opens what the other opens against it. */
    pair: (long: string, short: string, contracts: number, price = 60_000) => {
      place(short, 'SELL', price, -contracts)
      place(long, 'BUY', price, contracts)
    },
    /** Somebody shows orders for one contract at these prices, and nobody anything else: an exchange without a house has a mark price by that. */
    show: (bid: number, ask: number) => {
      tell({ type: 'cancel', account: 'maker', symbol, order_nos: [] })
      return [...place('maker', 'BUY', bid, 1), ...place('maker', 'SELL', ask, -1)]
    },
    balance: (account: string) => {
      const held = exchange.exactBalances().find((each) => each.account === account && each.currency === 'USDT')
      return Number(held?.free ?? 0) + Number(held?.locked ?? 0)
    },
    held: (account: string) => {
      const { long_quantity, short_quantity } = exchange.position(account, symbol)!
      return [long_quantity, short_quantity]
    },
  }
}
const deleveraged = (events: readonly ExchangeEvent[]) =>
  events.flatMap((event) => (event.type === 'deleveraging' ? [event] : []))

describe('a position that neither its account nor the fund can pay for', () => {
  it('is closed against the other side at the price that uses up its account, with events for both', () => {
    const { pair, show, balance, held } = open({ long: 1_000, short: 5_000 })
    pair('long', 'short', 100)
    // 1,000 less the taker's fee of 2.4 are used up at 50,024.
    const events = show(40_000, 40_001)
    expect(deleveraged(events)).toMatchObject([
      { account: 'short', symbol, side: 'short', quantity: 100, price: 50_024, timestamp: expect.any(Number) },
    ])
    expect(
      events.filter(({ type }) => type === 'position').map((event) => 'account' in event && event.account),
    ).toEqual(expect.arrayContaining(['long', 'short']))
    expect([held('long'), held('short')]).toEqual([
      [0, 0],
      [0, 0],
    ])
    expect([balance('long'), balance('insurance')]).toEqual([0, 0])
    // The maker's fee is 1.2; what is won is all that the loser had.
    expect(balance('short')).toBeCloseTo(5_000 - 1.2 + 997.6, 8)
  })

  it('takes from the largest profit on the thinnest margin first, and no more than it must', () => {
    const { pair, show, held } = open({ long: 900, careful: 20_000, bold: 700, late: 20_000, buyer: 50_000 })
    pair('buyer', 'late', 50, 56_000)
    pair('buyer', 'careful', 50, 60_000)
    pair('long', 'bold', 50, 60_000)
    pair('long', 'careful', 10, 60_000)
    const events = show(40_000, 40_001)
    expect(deleveraged(events).map(({ account, quantity }) => [account, quantity])).toEqual([
      ['bold', 50],
      ['careful', 10],
    ])
    expect([held('careful'), held('late'), held('buyer')]).toEqual([
      [0, 50],
      [0, 50],
      [100, 0],
    ])
  })

  it('cancels the orders that would close the same lots, and no others', () => {
    const { exchange, pair, show, place, held } = open({ long: 1_000, short: 5_000 })
    pair('long', 'short', 100)
    place('short', 'BUY', 30_000, -100)
    place('short', 'BUY', 31_000, 10)
    show(40_000, 40_001)
    expect(held('short')).toEqual([0, 0])
    expect(exchange.openOrders('short', symbol).map(({ price }) => price)).toEqual([31_000])
  })

  it('is closed through the book first as far as that is better', () => {
    const { pair, place, show, held, exchange } = open({ long: 1_000, short: 5_000 })
    pair('long', 'short', 100)
    place('maker', 'BUY', 50_500, 30)
    const events = place('maker', 'SELL', 50_501, -1)
    const closing = events.flatMap((event) => (event.type === 'fill' && event.account === 'long' ? [event.data] : []))
    expect(closing).toMatchObject([{ price: 50_500, quantity: 30, offset: 'close' }])
    // Nobody bids any more: it waits.
    expect(held('long')).toEqual([70, 0])
    const [told] = deleveraged(show(40_000, 40_001))
    expect(told).toMatchObject({ account: 'short', quantity: 70 })
    // (60,000 · 0.1 − 50,500 · 0.03 − (1,000 − 2.4 − 0.606)) / 0.07
    expect(told!.price).toBeCloseTo((6000 - 1515 - (997.6 - 0.606)) / 0.07, 6)
    expect(exchange.openOrders('maker', symbol)).toHaveLength(2)
  })

  it('waits if the other account would end with a negative balance', () => {
    const { pair, show, held, place } = open({ long: 1_000, early: 900, late: 600 })
    pair('long', 'early', 100)
    // Early has taken the profit, at the cost of late, who sold far below.
    place('early', 'BUY', 41_000, -100)
    place('late', 'SELL', 41_000, -100)
    expect([held('long'), held('early'), held('late')]).toEqual([
      [100, 0],
      [0, 0],
      [0, 100],
    ])
    const events = show(40_000, 40_001)
    expect(events.some(({ type }) => type === 'liquidation')).toBe(true)
    expect(deleveraged(events)).toEqual([])
    expect(held('late')).toEqual([0, 100])
  })

  it('takes from a market maker last, without an event for it', () => {
    const { tell, pair, balance, held } = open({ long: 1_000, short: 5_000 }, true)
    pair('long', 'short', 30)
    tell({ type: 'quote', account: 'house', symbol, bids: [[59_999, 1]], asks: [[60_000, 1]] })
    tell({ type: 'place', account: 'long', symbol, action: 'BUY', price: 0, quantity: 70, order_type: 'MARKET' })
    const events = tell({ type: 'quote', account: 'house', symbol, bids: [[40_000, 1]], asks: [[40_001, 1]] })
    expect(deleveraged(events).map(({ account, quantity }) => [account, quantity])).toEqual([['short', 30]])
    expect(held('long')).toEqual([0, 0])
    expect(events.some(({ type }) => type === 'trade')).toBe(false)
    expect([balance('long'), balance('insurance')]).toEqual([0, 0])
  })
})
