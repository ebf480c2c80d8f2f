import type { Account } from '../accounts/account.js'
import type { Counters } from '../accounts/counters.js'
import type { Market } from './symbol-market.js'
import { type OrderTerms, RestingOrder } from './order.js'
import type { Report } from '../event-collector.js'
import type { SelfTrade } from './self-trade.js'

/**
 * Reason for the end of matching: the book is empty, no acceptable price is left, or the order met
 * its own account.
 */
type Stop = 'book-ended' | 'price' | 'self'

/** Market time may differ by so much from the wall clock before orders tell both. */
const SAME_TIME_MS = 1_000

/**
 * Lets orders into a market, trade there and leave it: best price first, and at one price the
 * oldest order first.
 */
export class Matching {
  constructor(
    private readonly counters: Counters,
    private readonly report: Report,
    private readonly selfTrade: SelfTrade,
  ) {}

  /** An order of a market maker that rests without having met another one, with its number. */
  resting(account: Account, buys: boolean, price: number, lots: number, market: Market): RestingOrder {
    const order = this.order(account, { action: buys ? 'BUY' : 'SELL', type: 'LIMIT', price, lots }, market)
    this.counters.number(order)
    return order
  }

  /** An order that arrives now, without number or place. */
  order(account: Account, terms: OrderTerms, market: Market): RestingOrder {
    const { nowMs, wallMs } = this.counters
    const isMarketTime = Math.abs(wallMs - nowMs) <= SAME_TIME_MS
    return new RestingOrder(market.traderOf(account, nowMs), terms, nowMs, isMarketTime ? undefined : wallMs)
  }

  /**
   * Locks the funds of the order, matches it, and lets the rest stand or end. Returns the reason if
   * it is refused.
   *
   * @param ref - the command's, for the answer to it
   * @param forced - placed by the exchange, so there is no client to answer
   */
  accept(order: RestingOrder, market: Market, ref?: string, forced = false): string | undefined {
    const { report, counters } = this
    const { account } = order
    const refusal = market.settlement.reserve(order, market.opposite(order))
    if (refusal !== undefined) return refusal
    // Numbered when accepted only: refusals leave no holes.
    counters.number(order)
    if (!account.house) {
      const data = order.notice()
      if (!forced) report.add({ type: 'accepted', account: account.name, ref, order_no: data.order_no })
      report.add({ type: 'order', account: account.name, data })
    }
    const stop = this.match(order, market)
    const { budget } = order
    if (budget === undefined ? order.remain === 0 : stop === 'price' && budget.left !== budget.whole) {
      // A MARKET BUY is filled when what is left of its amount buys no whole lot at the best price;
      // the rest goes back.
      order.status = 'FILLED'
    } else if (order.type === 'LIMIT' && stop !== 'self') {
      market.rest(order)
      report.changed(market)
      if (order.remain === order.quantity) return undefined
      order.status = 'PARTIAL-FILLED'
      report.order(order)
      return undefined
    } else {
      order.status = 'CANCELED'
    }
    market.settlement.release(order)
    report.order(order)
    return undefined
  }

  /** Takes an open order out of the book and gives back what it locks. */
  cancel(order: RestingOrder, market: Market): void {
    market.remove(order)
    market.settlement.release(order)
    order.status = 'CANCELED'
    order.utime = this.counters.nowMs
    this.report.changed(market)
    this.report.order(order)
  }

  private match(taker: RestingOrder, market: Market): Stop {
    const opposite = market.opposite(taker)
    const { budget } = taker
    while (budget === undefined ? taker.remain > 0 : budget.left > 0n) {
      const level = opposite.best
      if (level?.first === undefined) return 'book-ended'
      const { price, first: maker } = level
      if (taker.type !== 'MARKET' && (taker.buys ? price > taker.price : price < taker.price)) return 'price'
      const lots =
        budget === undefined
          ? Math.min(taker.remain, maker.remain)
          : market.instrument.affordable(budget.left, price, maker.remain)
      if (lots === 0) return 'price'
      if (this.selfTrade !== 'allow' && maker.account === taker.account && !maker.account.house) {
        if (this.selfTrade !== 'cancel-taker') this.cancel(maker, market)
        if (this.selfTrade !== 'cancel-maker') return 'self'
      } else {
        // A recorded market trades what was recorded: its book that runs into an order adds no
        // trade to that.
        const isTold = !(market.isRecorded && taker.account.house && taker.type === 'LIMIT')
        this.trade(maker, taker, lots, market, isTold)
        if (market.hasRecordedBook && maker.account.house !== taker.account.house)
          market.took(maker.account.house ? maker : taker, lots)
      }
    }
    return 'price'
  }

  /** Lets two orders trade at the price of the resting one. `isTold`: the trade is public. */
  trade(maker: RestingOrder, taker: RestingOrder, lots: number, market: Market, isTold: boolean): void {
    const { settlement } = market
    const { report, counters } = this
    const { nowMs } = counters
    const { price, buys: buyerMakes } = maker
    const fees = buyerMakes
      ? settlement.trade(maker, taker, price, lots, true)
      : settlement.trade(taker, maker, price, lots, false)
    if (taker.budget === undefined) taker.remain -= lots
    else taker.budget.left -= BigInt(market.instrument.value(price, lots))
    market.side(maker).reduce(maker, lots)
    maker.utime = taker.utime = nowMs
    if (isTold) {
      market.last = price
      market.lastOffTick = undefined
    }
    report.changed(market)
    if (maker.remain === 0) {
      maker.status = 'FILLED'
      market.remove(maker)
    } else {
      maker.status = 'PARTIAL-FILLED'
    }
    const trade = { no: counters.tradeNo(), price, lots, timeMs: nowMs }
    if (isTold) report.trade(taker, price, lots, nowMs)
    if (!maker.account.house) {
      report.fill(maker, 'MAKER', trade, buyerMakes ? fees.buyer : fees.seller, settlement.feeCurrency(buyerMakes))
      report.order(maker)
    }
    if (!taker.account.house) {
      report.fill(taker, 'TAKER', trade, buyerMakes ? fees.seller : fees.buyer, settlement.feeCurrency(!buyerMakes))
    }
  }
}
