import type { Account } from './account.js'
import type { Quote, Take } from './command.js'
import type { Market } from './market.js'
import type { Matching } from './matching.js'
import type { RestingOrder } from './order.js'
import type { Report } from './report.js'

/** Lots by ticks. */
type Wanted = Map<number, number>

/** What the market itself does in the books: it shows quotes and it takes. */
export class House {
  constructor(
    private readonly matching: Matching,
    private readonly report: Report,
  ) {}

  /** Replaces what the account shows. Says in words why it may not. */
  quote(account: Account, market: Market, { bids, asks }: Quote): string | undefined {
    const { price } = market.instrument
    const wantedBids = bids && wantedLots(bids, market, (value) => price.stepsDown(value))
    const wantedAsks = asks && wantedLots(asks, market, (value) => price.stepsUp(value))
    const bid = wantedBids === undefined ? 0 : Math.max(0, ...wantedBids.keys())
    const ask = wantedAsks === undefined ? Infinity : Math.min(Infinity, ...wantedAsks.keys())
    if (bid >= ask) {
      return `the quote of ${market.instrument.symbol} crosses itself: bid ${price.value(bid)}, ask ${price.value(ask)}`
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

  /** Takes what rests up to a price. Says in words why it may not. */
  take(account: Account, market: Market, { action, price, quantity }: Take): string | undefined {
    const { instrument } = market
    const ticks = action === 'BUY' ? instrument.price.stepsUp(price) : instrument.price.stepsDown(price)
    const lots = Math.min(instrument.maxLots, instrument.lotsIn(quantity, ticks))
    if (!isPrice(ticks)) return `price ${price} is not a price`
    if (!(lots > 0)) return `quantity ${quantity} is less than one lot`
    return this.matching.accept({ account, action, type: 'IOC', price: ticks, lots, budget: 0n }, market)
  }

  /** Keeps of a quoted order what is still wanted at its price, in its place, and takes that off the wish. */
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
      if (lots > 0) this.matching.accept({ account, action, type: 'LIMIT', price, lots, budget: 0n }, market)
    }
  }
}

/** What is not a price or rounds to no lot is left out. */
function wantedLots(
  rows: NonNullable<Quote['bids']>,
  { instrument }: Market,
  ticksOf: (price: number) => number,
): Wanted {
  const wanted: Wanted = new Map()
  for (const [price, quantity] of rows) {
    const ticks = ticksOf(price)
    const lots = instrument.lotsIn(quantity, ticks)
    if (isPrice(ticks) && lots > 0) wanted.set(ticks, Math.min(instrument.maxLots, (wanted.get(ticks) ?? 0) + lots))
  }
  return wanted
}

const isPrice = (ticks: number): boolean => Number.isSafeInteger(ticks) && ticks > 0
