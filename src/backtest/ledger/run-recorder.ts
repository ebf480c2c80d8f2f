import type { Exchange, SymbolSpec } from '../../exchange/index.js'
import type { MarketEvent } from '../../market/index.js'
import type { IntentOutcome } from '../../strategy/index.js'
import { DAY_MS } from '../statistics/equity-series.js'
import { BarSeries } from './bar-series.js'
import type { EquityPoint, FundingPayment, LedgerFill, LedgerOrder, Liquidation, RunLedger } from './ledger.js'
import { type Delays, PlatformRecorder, type RunWriting } from './platform-recorder.js'

/** Settings of the record of a run. */
export interface RunRecorderOptions {
  /** Currency in which equity is counted, such as USDT. */
  readonly quote: string
  /** First length of a bar, in ms; longer in a long run. @default 60000 */
  readonly barMs?: number
  /** Bars of one symbol that are kept; beyond that bars are joined. @default 50000 */
  readonly mostBars?: number
  /**
   * Each platform has a market of its own: its prices are named `platform symbol`.
   * @default false
   */
  readonly hasSeparateMarkets?: boolean
  /** Time on the way to the exchange and back, in ms. @default none */
  readonly delays?: Delays
}

/**
 * Records a run on the side of the exchange: give its observers to the exchanges, tell it the
 * market's events before they are played, and ask it for the ledger at any time.
 */
export class RunRecorder implements RunWriting {
  readonly orders: LedgerOrder[] = []
  readonly fills: LedgerFill[] = []
  readonly funding: FundingPayment[] = []
  readonly liquidations: Liquidation[] = []
  readonly quote: string
  private readonly barMs: number
  private readonly delays: Delays
  private readonly series: BarSeries
  private readonly hasSeparateMarkets: boolean
  private readonly platforms = new Map<string, PlatformRecorder>()
  private readonly daily: EquityPoint[] = []
  /** Last price by `platform symbol`, and the platform whose prices of a symbol become bars. */
  private readonly marks = new Map<string, number>()
  private readonly barsFrom = new Map<string, string>()
  /** Prices of currencies in `quote`, by `platform currency`: the last, and the first. */
  private readonly prices = new Map<string, number>()
  private readonly firstPrices = new Map<string, number>()
  private readonly traded = new Set<string>()
  private readonly reasons = new Map<string, string>()
  /** Currencies of the start that count in the equity, by `platform currency`. */
  private readonly counted = new Set<string>()
  private startMs: number | undefined
  private lastMs = 0
  /** End of the bar that is not over, the next 00:00 UTC, and the earlier of the two. */
  private barEnd = Infinity
  private midnight = Infinity
  private next = Infinity
  private hasStarted = false

  constructor({ quote, barMs = 60_000, mostBars = 50_000, hasSeparateMarkets = false, delays }: RunRecorderOptions) {
    this.quote = quote
    this.barMs = barMs
    this.hasSeparateMarkets = hasSeparateMarkets
    this.delays = delays ?? { inMs: 0, outMs: 0 }
    this.series = new BarSeries(barMs, mostBars)
  }

  /** Makes the observer of an exchange. */
  observe(platform: string, exchange: Exchange, specs: readonly SymbolSpec[]): PlatformRecorder {
    const recorder = new PlatformRecorder(platform, exchange, specs, this.delays, this)
    this.platforms.set(platform, recorder)
    return recorder
  }

  /** Takes an event of the market of a platform, before it is played. */
  played(platform: string, event: MarketEvent): void {
    if (event.type === 'progress') return
    const { timestamp, symbol } = event
    if (this.startMs === undefined) {
      this.startMs = timestamp
      this.barEnd = this.endOfBar(timestamp)
      this.midnight = (Math.floor(timestamp / DAY_MS) + 1) * DAY_MS
      this.next = Math.min(this.barEnd, this.midnight)
    }
    this.tick(timestamp)
    if (timestamp > this.lastMs) this.lastMs = timestamp
    if (event.type === 'take' || event.type === 'trade') this.priced(platform, symbol, event.price, timestamp)
    else if (event.type === 'quote' && !this.marks.has(`${platform} ${symbol}`)) {
      const [bid, ask] = [event.bids?.[0]?.[0], event.asks?.[0]?.[0]]
      if (bid !== undefined && ask !== undefined) this.mark(platform, symbol, (bid + ask) / 2)
    }
  }

  /** Takes a value that the strategy emitted: outcomes say which orders were not sent, and why. */
  said(value: unknown, atMs: number): void {
    if (!isOutcome(value)) return
    if (value._tag === 'Placed') {
      const { intent, order_no } = value
      if (intent.reason !== undefined) this.reasons.set(`${intent.symbol} ${order_no}`, intent.reason)
      return
    }
    if (value._tag !== 'Refused' && value._tag !== 'NotSent') return
    const { intent, words } = value
    if (intent._tag !== 'Place') return
    const code = value._tag === 'Refused' ? value.code : value.reason
    this.orders.push({
      platform: this.platforms.size === 1 ? ([...this.platforms.keys()][0] ?? '') : '',
      symbol: intent.symbol,
      side: intent.action,
      type: intent.order_type,
      price: intent.price === 0 ? undefined : intent.price,
      quantity: intent.quantity,
      filled: 0,
      outcome: 'denied',
      code: code === '' ? undefined : code,
      message: words,
      sentMs: atMs,
      reason: intent.reason,
    })
  }

  priceOf(platform: string, currency: string): number | undefined {
    if (currency === this.quote) return 1
    const own = this.prices.get(`${platform} ${currency}`)
    if (own !== undefined) return own
    for (const other of this.platforms.keys()) {
      const price = this.prices.get(`${other} ${currency}`)
      if (price !== undefined) return price
    }
    return undefined
  }

  tick(atMs: number): void {
    if (atMs < this.next) return
    this.start()
    if (atMs >= this.barEnd) {
      this.series.addPoint(this.pointAt(this.barEnd))
      this.barEnd = this.endOfBar(atMs)
    }
    for (; this.midnight <= atMs; this.midnight += DAY_MS) this.daily.push(this.pointAt(this.midnight))
    this.next = Math.min(this.barEnd, this.midnight)
  }

  /** Present equity; undefined before the market began. */
  get equity(): EquityPoint | undefined {
    return this.startMs === undefined ? undefined : this.pointAt(this.lastMs)
  }

  /**
   * The ledger up to now. The bar of the last event counts as over, so that a recording of whole
   * days has whole days.
   *
   * @param nowMs - end of the run, where it is later than the last event of the market
   */
  ledger(nowMs = 0): RunLedger {
    const { startMs = nowMs, lastMs, quote, orders, fills, funding, liquidations, daily, series } = this
    if (this.startMs === undefined) {
      return { startMs, endMs: startMs, quote, orders, fills, funding, liquidations, equity: [], daily: [], bars: {} }
    }
    const closeMs = (Math.floor(lastMs / this.barMs) + 1) * this.barMs
    this.start()
    const last = this.pointAt(closeMs)
    const equity = series.equity.filter(({ atMs }) => atMs < closeMs)
    const isDay = closeMs % DAY_MS === 0 && (daily.at(-1)?.atMs ?? 0) < closeMs
    return {
      startMs,
      endMs: Math.max(closeMs, nowMs),
      quote,
      orders: orders.map((order) => this.withReason(order)),
      fills: [...fills],
      funding: [...funding],
      liquidations: [...liquidations],
      equity: [...equity, last],
      daily: [...daily.filter(({ atMs }) => atMs < closeMs), ...(isDay ? [last] : [])],
      bars: series.bars,
      notes: this.notes(),
    }
  }

  private notes(): readonly string[] {
    return [...this.platforms.values()].flatMap(({ platform, startHoldings }) =>
      [...(startHoldings?.amounts ?? [])].flatMap(([currency, amount]) =>
        amount === 0 || this.priceOf(platform, currency) !== undefined
          ? []
          : [`${amount} ${currency} on ${platform} have no price in ${this.quote}: the equity leaves them out`],
      ),
    )
  }

  private withReason(order: LedgerOrder): LedgerOrder {
    const reason = order.reason ?? this.reasons.get(`${order.symbol} ${order.orderNo}`)
    return reason === undefined ? { ...order } : { ...order, reason }
  }

  private endOfBar(atMs: number): number {
    const { barMs } = this.series
    return (Math.floor(atMs / barMs) + 1) * barMs
  }

  private priced(platform: string, symbol: string, price: number, atMs: number): void {
    this.mark(platform, symbol, price)
    const [base] = this.platforms.get(platform)?.currencies(symbol) ?? []
    // Trades before the first bar is over tell more of its beginning than a quote.
    if (!this.hasStarted && !this.traded.has(`${platform} ${symbol}`) && base !== undefined) {
      this.traded.add(`${platform} ${symbol}`)
      this.firstPrices.set(`${platform} ${base}`, price)
    }
    const from = this.barsFrom.get(symbol)
    if (from === undefined) this.barsFrom.set(symbol, platform)
    else if (from !== platform && !this.hasSeparateMarkets) return
    this.series.addPrice(this.hasSeparateMarkets ? `${platform} ${symbol}` : symbol, atMs, price)
  }

  private mark(platform: string, symbol: string, price: number): void {
    this.marks.set(`${platform} ${symbol}`, price)
    const [base, quote] = this.platforms.get(platform)?.currencies(symbol) ?? []
    if (base === undefined) return
    const name = `${platform} ${base}`
    // Without a market in the quote currency itself, coins count at any other price they have.
    if (quote !== this.quote && this.marks.has(`${platform} ${base}/${this.quote}`)) return
    this.prices.set(name, price)
    if (!this.firstPrices.has(name)) this.firstPrices.set(name, price)
  }

  /** Adds the starting balances, at the first prices, before the first bar. */
  private start(): void {
    if (this.hasStarted || this.startMs === undefined) return
    this.hasStarted = true
    let [equity, exposure] = [0, 0]
    for (const { platform, startHoldings, hasContracts } of this.platforms.values()) {
      for (const [currency, amount] of startHoldings?.amounts ?? []) {
        const price = currency === this.quote ? 1 : this.firstPrices.get(`${platform} ${currency}`)
        if (price === undefined) continue
        this.counted.add(`${platform} ${currency}`)
        equity += amount * price
        if (currency !== this.quote && !hasContracts) exposure += Math.abs(amount * price)
      }
    }
    const point = { atMs: this.startMs, equity, benchmark: equity, exposure }
    this.series.addPoint(point)
    this.daily.push(point)
  }

  private pointAt(atMs: number): EquityPoint {
    let [equity, benchmark, exposure] = [0, 0, 0]
    for (const [platform, recorder] of this.platforms) {
      const { holdings, startHoldings } = recorder
      for (const [currency, amount] of holdings.amounts) {
        const price = this.priceOf(platform, currency)
        if (price === undefined) continue
        const first = startHoldings?.amounts.get(currency) ?? 0
        if (first !== 0) this.countFromStart(`${platform} ${currency}`, first, price)
        equity += amount * price
        benchmark += first * price
        if (currency !== this.quote && !recorder.hasContracts) exposure += Math.abs(amount * price)
      }
      for (const { symbol, currency, profitAt, valueAt } of holdings.contracts) {
        const [mark, rate] = [this.marks.get(`${platform} ${symbol}`), this.priceOf(platform, currency)]
        if (mark === undefined || rate === undefined) continue
        equity += profitAt(mark) * rate
        exposure += valueAt(mark) * rate
      }
    }
    return { atMs, equity, benchmark, exposure }
  }

  /** A currency whose first price comes late counts at it from the start: it is no profit. */
  private countFromStart(name: string, amount: number, price: number): void {
    if (this.counted.has(name)) return
    this.counted.add(name)
    if (!this.hasStarted) return
    const worth = amount * price
    const change = (point: EquityPoint): EquityPoint => ({
      ...point,
      equity: point.equity + worth,
      benchmark: (point.benchmark ?? 0) + worth,
      exposure: (point.exposure ?? 0) + Math.abs(worth),
    })
    this.series.mapPoints(change)
    this.daily.splice(0, this.daily.length, ...this.daily.map(change))
  }
}

const isOutcome = (value: unknown): value is IntentOutcome =>
  typeof value === 'object' && value !== null && '_tag' in value && 'intent' in value
