import type { Big } from 'big.js'
import { DAY_MS } from '../statistics/equity-series.js'
import { Decimal } from '../statistics/trades/trade-fills.js'
import type { EquityPoint, LedgerFill, LedgerOrder, PriceBar, RunLedger } from './ledger.js'

/** A spot run, as far as its equity follows from it. */
export interface SpotRun {
  readonly platform: string
  /** Currency in which equity is counted. */
  readonly quote: string
  /** Balances before the first fill, by currency. */
  readonly balances: Readonly<Record<string, number>>
  /** In the order of time. */
  readonly fills: readonly Omit<LedgerFill, 'feeInQuote' | 'platform'>[]
  readonly orders?: readonly LedgerOrder[]
  /** Prices by symbol, such as `BTC/USDT`, ascending and of the same periods. */
  readonly bars: Readonly<Record<string, readonly PriceBar[]>>
  /** Length of a period in ms. */
  readonly barMs: number
}

/** Currencies of `BTC/USDT`, `BTC-USDT` or `BTC_USDT`. */
export const currenciesOf = (symbol: string): readonly [base: string, quote: string] => {
  const [base = '', quote = ''] = symbol.split(/[/_-]/)
  return [base, quote]
}

/** Balances that fills move, in decimals: fees are taken in their own currency. */
class Balances {
  private readonly exact = new Map<string, Big>()
  // The same as doubles: a year has half a million bars, and few fills.
  private readonly amounts = new Map<string, number>()
  constructor(start: Readonly<Record<string, number>>) {
    for (const [currency, amount] of Object.entries(start)) this.add(currency, new Decimal(amount))
  }
  add(currency: string, amount: Big): void {
    const total = (this.exact.get(currency) ?? new Decimal(0)).plus(amount)
    this.exact.set(currency, total)
    this.amounts.set(currency, total.toNumber())
  }
  apply({ symbol, side, price, quantity, fee, feeCurrency }: SpotRun['fills'][number]): void {
    const [base, quote] = currenciesOf(symbol)
    const coins = new Decimal(quantity)
    const money = coins.times(price)
    this.add(base, side === 'BUY' ? coins : coins.neg())
    this.add(quote, side === 'BUY' ? money.neg() : money)
    this.add(feeCurrency, new Decimal(-fee))
  }
  /**
   * Worth of the balances, and the part that is not quote currency. A currency without a price
   * counts nothing.
   */
  worth(quote: string, prices: ReadonlyMap<string, number>): { equity: number; exposure: number } {
    let [equity, exposure] = [0, 0]
    for (const [currency, amount] of this.amounts) {
      const value = currency === quote ? amount : amount * (prices.get(currency) ?? 0)
      equity += value
      if (currency !== quote) exposure += Math.abs(value)
    }
    return { equity, exposure }
  }
}

/**
 * Builds the ledger of a spot run from its fills and bars. Equity is taken at the end of each bar
 * at its close, with the fills up to then; the first value is that of the starting balances at the
 * first open. The benchmark holds these balances.
 */
export function spotLedger({ platform, quote, balances, fills, orders = [], bars, barMs }: SpotRun): RunLedger {
  const held = new Balances(balances)
  const start = new Balances(balances)
  const prices = new Map<string, number>()
  const ownSymbols = Object.entries(bars).filter(([symbol]) => currenciesOf(symbol)[1] === quote)
  const times = [...new Set(ownSymbols.flatMap(([, list]) => list.map(({ atMs }) => atMs)))].sort((a, b) => a - b)
  const startMs = times[0] ?? 0
  for (const [symbol, list] of ownSymbols) if (list[0]) prices.set(currenciesOf(symbol)[0], list[0].open)

  const pointAt = (atMs: number): EquityPoint => ({
    atMs,
    ...held.worth(quote, prices),
    benchmark: start.worth(quote, prices).equity,
  })
  const equity: EquityPoint[] = []
  const daily: EquityPoint[] = times.length === 0 ? [] : [pointAt(startMs)]
  const done: LedgerFill[] = []
  const next = new Map(ownSymbols.map(([symbol]) => [symbol, 0]))
  let midnight = (Math.floor(startMs / DAY_MS) + 1) * DAY_MS

  const settle = (untilMs: number): void => {
    for (let fill = fills[done.length]; fill !== undefined && fill.atMs < untilMs; fill = fills[done.length]) {
      held.apply(fill)
      done.push({ ...fill, platform, feeInQuote: feeInQuote(fill, quote, prices) })
    }
  }
  /** Closes the days that are over, those in a hole of the bars too. */
  const closeDays = (untilMs: number): void => {
    for (; midnight <= untilMs; midnight += DAY_MS) {
      settle(midnight)
      daily.push(pointAt(midnight))
    }
  }
  for (const time of times) {
    closeDays(time)
    settle(time + barMs)
    for (const [symbol, list] of ownSymbols) {
      const index = next.get(symbol) ?? 0
      const bar = list[index]
      if (bar?.atMs !== time) continue
      prices.set(currenciesOf(symbol)[0], bar.close)
      next.set(symbol, index + 1)
    }
    equity.push(pointAt(time + barMs))
  }
  const endMs = (times.at(-1) ?? startMs) + (times.length === 0 ? 0 : barMs)
  if (times.length > 0) closeDays(endMs)
  settle(Infinity)
  return { startMs, endMs, quote, orders, fills: done, funding: [], liquidations: [], equity, daily, bars }
}

function feeInQuote(
  { symbol, price, fee, feeCurrency }: SpotRun['fills'][number],
  quote: string,
  prices: ReadonlyMap<string, number>,
): number | undefined {
  if (fee === 0) return 0
  if (feeCurrency === quote) return fee
  const rate = feeCurrency === currenciesOf(symbol)[0] ? price : prices.get(feeCurrency)
  return rate === undefined ? undefined : fee * rate
}
