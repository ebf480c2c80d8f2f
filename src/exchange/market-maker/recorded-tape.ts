import type { Account } from '../accounts/account.js'
import type { PriceLevel } from '../matching/order-book.js'
import type { TradeCommand } from '../command.js'
import type { Counters } from '../accounts/counters.js'
import { isPrice } from './market-maker.js'
import type { Market } from '../matching/symbol-market.js'
import type { Matching } from '../matching/matching.js'
import type { RestingOrder } from '../matching/order.js'
import type { Report } from '../event-collector.js'

/** Quotients of decimals, such as 0.0003 / 0.0001, may be this far below a whole number. */
const NOISE = 1e-6

/**
 * The trades of a recorded market, and the resting orders that they fill: see {@link TradeCommand}.
 */
export class RecordedTape {
  constructor(
    private readonly matching: Matching,
    private readonly report: Report,
    private readonly counters: Counters,
  ) {}

  /** Tells a recorded trade and fills what it reaches. Says in words why it may not. */
  trade(account: Account, market: Market, command: TradeCommand): string | undefined {
    const { action, price, quantity, timestamp = this.counters.nowMs } = command
    const { instrument } = market
    const buys = action === 'BUY'
    const ticks = buys ? instrument.price.stepsUp(price) : instrument.price.stepsDown(price)
    if (!isPrice(ticks)) return `price ${price} is not a price`
    if (!(quantity > 0 && quantity < Infinity)) return `quantity ${quantity} is not above 0`
    market.isRecorded = true
    this.report.add({
      type: 'trade',
      data: { symbol: instrument.symbol, action, price, quantity: instrument.sizeIn(quantity, price), timestamp },
    })
    this.setLast(market, price)
    if (market.quotes !== undefined) {
      // No order of an account rests here.
      market.fraction.lots = 0
      return undefined
    }
    const left = this.fillBetter(account, market, command, ticks)
    this.fillAt(account, market, command, ticks, left)
    return undefined
  }

  private setLast(market: Market, price: number): void {
    const { price: grid } = market.instrument
    const onTick = grid.steps(price)
    market.last = onTick ?? Math.max(1, Math.round(price / grid.value(1)))
    market.lastOffTick = onTick === undefined ? price : undefined
    this.report.lastChanged(market)
  }

  /**
   * Fills orders at better prices than that of the trade, best first. Returns the lots of the trade
   * that are left, with their fraction.
   */
  private fillBetter(
    account: Account,
    market: Market,
    { action, price, quantity }: TradeCommand,
    ticks: number,
  ): number {
    const { instrument } = market
    let lots = Math.min(instrument.maxLots, instrument.size.stepsIn(instrument.sizeIn(quantity, price)))
    const reached: RestingOrder[] = []
    for (const level of (action === 'BUY' ? market.asks : market.bids).fromBest()) {
      if (action === 'BUY' ? level.price >= ticks : level.price <= ticks) break
      reached.push(...ordersOfAccounts(level))
    }
    for (const maker of reached) {
      const filled = Math.min(maker.remain, Math.floor(lots + NOISE))
      if (filled === 0) break
      this.fill(maker, account, filled, market)
      lots -= filled
    }
    return Math.max(0, lots)
  }

  /** Fills orders at the price of the trade, each behind what stood before it there. */
  private fillAt(account: Account, market: Market, { action }: TradeCommand, ticks: number, left: number): void {
    const side = action === 'BUY' ? market.asks : market.bids
    const level = side.at(ticks)
    const { fraction } = market
    if (level === undefined || ordersOfAccounts(level).length === 0) {
      fraction.lots = 0
      return
    }
    const signed = action === 'BUY' ? ticks : -ticks
    const exact = left + (fraction.price === signed ? fraction.lots : 0)
    let lots = Math.floor(exact + NOISE)
    market.fraction = { price: signed, lots: Math.max(0, exact - lots) }
    let passed = 0
    for (const maker of queueOf(level)) {
      const here = Math.min(maker.remain, lots)
      if (here === 0) break
      lots -= here
      if (!maker.account.house) this.fill(maker, account, here, market)
      else if (maker.account === account) {
        passed += here
        maker.quantity -= here
        if (here === maker.remain) market.remove(maker)
        else side.reduce(maker, here)
      }
    }
    // What has been traded before the orders of accounts is no longer before them. How much stands
    // there now, the book will tell.
    const last = side.at(ticks)?.last
    if (passed === 0) return
    this.report.changed(market)
    if (last?.account === account) {
      last.quantity += passed
      side.reduce(last, -passed)
      return
    }
    const rest = { action: action === 'BUY' ? 'SELL' : 'BUY', type: 'LIMIT', price: ticks, lots: passed } as const
    this.matching.accept(this.matching.order(account, rest, market), market)
  }

  private fill(maker: RestingOrder, account: Account, lots: number, market: Market): void {
    const action = maker.buys ? 'SELL' : 'BUY'
    const taker = this.matching.order(account, { action, type: 'IOC', price: maker.price, lots }, market)
    this.matching.trade(maker, taker, lots, market, false)
  }
}

const queueOf = (level: PriceLevel<RestingOrder>): RestingOrder[] => {
  const orders: RestingOrder[] = []
  for (let order = level.first; order !== undefined; order = order.behind) orders.push(order)
  return orders
}

const ordersOfAccounts = (level: PriceLevel<RestingOrder>): RestingOrder[] =>
  queueOf(level).filter((order) => !order.account.house)
