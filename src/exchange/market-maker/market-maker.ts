import type { Account } from '../accounts/account.js'
import type { QuoteCommand, LevelsCommand, TakeCommand } from '../command.js'
import type { Market } from '../matching/symbol-market.js'
import type { Matching } from '../matching/matching.js'
import type { RestingOrder } from '../matching/order.js'
import type { Report } from '../event-collector.js'

/**
 * After so many quotes in a row the next one will probably come before any order: then the quotes
 * are kept beside the order book. Putting them back costs as much as about three of them.
 */
const CALM_QUOTES = 3

/** Lots by ticks. */
type Wanted = Map<number, number>

/** Orders of the market itself: its quotes and its takes. */
export class House {
  constructor(
    private readonly matching: Matching,
    private readonly report: Report,
  ) {}

  /** Replaces what the account shows. Says in words why it may not. */
  quote(account: Account, market: Market, command: QuoteCommand): string | undefined {
    const { quotes } = market
    if (quotes?.account === account && command.recorded !== true) {
      const changed = quotes.quote(command.bids, command.asks, {
        buy: (price, lots) => this.matching.resting(account, true, price, lots, market),
        sell: (price, lots) => this.matching.resting(account, false, price, lots, market),
      })
      if (changed === true) this.report.changed(market)
      if (changed !== undefined) return undefined
    }
    const refusal = this.quoteInBook(account, market, command)
    market.calm += 1
    if (market.calm > CALM_QUOTES && command.recorded !== true && refusal === undefined) market.setQuotesAside(account)
    return refusal
  }

  private quoteInBook(account: Account, market: Market, { bids, asks, recorded }: QuoteCommand): string | undefined {
    const { price } = market.instrument
    const wantedBids = bids && wantedLots(bids, market, (value) => price.stepsDown(value))
    const wantedAsks = asks && wantedLots(asks, market, (value) => price.stepsUp(value))
    const bid = best('bids', wantedBids)
    const ask = best('asks', wantedAsks)
    if (bid >= ask) return crossed(market, bid, ask)
    if (recorded === true) {
      market.hasRecordedBook = true
      for (const [wanted, taken] of [
        [wantedBids, market.taken.bids],
        [wantedAsks, market.taken.asks],
      ] as const) {
        for (const price of wanted === undefined ? [] : [...taken.keys()]) if (!wanted?.has(price)) taken.delete(price)
        if (wanted !== undefined) lessTaken(wanted, taken)
      }
    }
    // What goes, goes first: a quote that has moved must not trade with what it leaves behind.
    for (const order of market.open.of(account)) {
      const wanted = order.buys ? wantedBids : wantedAsks
      if (wanted !== undefined) this.keep(order, wanted, market)
      else if (order.buys ? order.price >= ask : order.price <= bid) this.matching.cancel(order, market)
    }
    this.show(account, market, 'BUY', wantedBids)
    this.show(account, market, 'SELL', wantedAsks)
    return undefined
  }

  /** Sets what the account shows at some prices. Says in words why it may not. */
  levels(account: Account, market: Market, { bids, asks, recorded }: LevelsCommand): string | undefined {
    const { price } = market.instrument
    const wantedBids = wantedLots(bids, market, (value) => price.stepsDown(value), 'none too')
    const wantedAsks = wantedLots(asks, market, (value) => price.stepsUp(value), 'none too')
    const bid = best('bids', wantedBids)
    const ask = best('asks', wantedAsks)
    if (bid >= ask) return crossed(market, bid, ask)
    if (recorded === true) {
      market.hasRecordedBook = true
      lessTaken(wantedBids, market.taken.bids)
      lessTaken(wantedAsks, market.taken.asks)
    }
    for (const [side, wanted] of [
      [market.bids, wantedBids],
      [market.asks, wantedAsks],
    ] as const) {
      for (const ticks of [...wanted.keys()]) {
        let next: RestingOrder | undefined
        for (let order = side.at(ticks)?.first; order !== undefined; order = next) {
          next = order.behind
          if (order.account === account) this.keep(order, wanted, market)
        }
      }
    }
    this.giveWay(account, market, bid, ask)
    this.show(account, market, 'BUY', wantedBids)
    this.show(account, market, 'SELL', wantedAsks)
    return undefined
  }

  /** Takes what rests up to a price. Says in words why it may not. */
  take(account: Account, market: Market, { action, price, quantity }: TakeCommand): string | undefined {
    const { instrument } = market
    market.calm = 0
    const ticks = action === 'BUY' ? instrument.price.stepsUp(price) : instrument.price.stepsDown(price)
    const lots = Math.min(instrument.maxLots, instrument.lotsIn(quantity, ticks))
    if (!isPrice(ticks)) return `price ${price} is not a price`
    if (!(lots > 0)) return `quantity ${quantity} is less than one lot`
    const order = this.matching.order(account, { action, type: 'IOC', price: ticks, lots }, market)
    return this.matching.accept(order, market)
  }

  /** Takes away what the account shows on the other side of prices that it is about to show. */
  private giveWay(account: Account, market: Market, bid: number, ask: number): void {
    const crossing: RestingOrder[] = []
    for (const [side, isCrossed] of [
      [market.asks, (price: number) => price <= bid],
      [market.bids, (price: number) => price >= ask],
    ] as const) {
      for (const level of side.fromBest()) {
        if (!isCrossed(level.price)) break
        for (let order = level.first; order !== undefined; order = order.behind) {
          if (order.account === account) crossing.push(order)
        }
      }
    }
    for (const order of crossing) this.matching.cancel(order, market)
  }

  /**
   * Keeps of a quoted order what is still wanted at its price, in its place, and takes that off the
   * wish.
   */
  private keep(order: RestingOrder, wanted: Wanted, market: Market): void {
    const lots = wanted.get(order.price) ?? 0
    if (lots === 0) {
      this.matching.cancel(order, market)
      return
    }
    wanted.set(order.price, Math.max(0, lots - order.remain))
    const surplus = order.remain - lots
    if (surplus <= 0) return
    order.quantity -= surplus
    market.side(order).reduce(order, surplus)
    this.report.changed(market)
  }

  private show(account: Account, market: Market, action: 'BUY' | 'SELL', wanted: Wanted | undefined): void {
    for (const [price, lots] of wanted ?? []) {
      if (lots === 0) continue
      const order = this.matching.order(account, { action, type: 'LIMIT', price, lots }, market)
      this.matching.accept(order, market)
    }
  }
}

/**
 * Omits levels whose price is not a number, and levels that round to no lot unless `none` asks for
 * them.
 */
function wantedLots(
  rows: NonNullable<QuoteCommand['bids']>,
  { instrument }: Market,
  ticksOf: (price: number) => number,
  none?: 'none too',
): Wanted {
  const wanted: Wanted = new Map()
  for (const [price, quantity] of rows) {
    const ticks = ticksOf(price)
    const lots = instrument.lotsIn(quantity, ticks)
    if (isPrice(ticks) && (lots > 0 || (none !== undefined && lots === 0)))
      wanted.set(ticks, Math.min(instrument.maxLots, (wanted.get(ticks) ?? 0) + lots))
  }
  return wanted
}

/**
 * Takes off a recorded book what orders of accounts have taken of it. What the recording shows no
 * more of is forgotten.
 */
const lessTaken = (wanted: Wanted, taken: Wanted): void => {
  if (taken.size === 0) return
  for (const [price, lots] of wanted) {
    const gone = Math.min(lots, taken.get(price) ?? 0)
    if (gone > 0) taken.set(price, gone)
    else taken.delete(price)
    wanted.set(price, lots - gone)
  }
}

export const isPrice = (ticks: number): boolean => Number.isSafeInteger(ticks) && ticks > 0

/** A loop: as arguments of Math.max a book of 130,000 prices is more than the stack holds. */
const best = (side: 'bids' | 'asks', wanted: Wanted | undefined): number => {
  let price = side === 'bids' ? 0 : Infinity
  for (const [ticks, lots] of wanted ?? []) {
    if (lots > 0) price = side === 'bids' ? Math.max(price, ticks) : Math.min(price, ticks)
  }
  return price
}

const crossed = ({ instrument: { symbol, price } }: Market, bid: number, ask: number): string =>
  `the quote of ${symbol} crosses itself: bid ${price.value(bid)}, ask ${price.value(ask)}`
