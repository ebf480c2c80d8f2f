import { DAY_MS, dayOf } from '../statistics/equity-series.js'
import type { EquityStatisticsInput } from '../statistics/equity-statistics.js'
import type { TradeFill } from '../statistics/trades/trade-fills.js'
import type { LedgerFill, RunLedger } from './ledger.js'
import { currenciesOf } from './spot-ledger.js'

/**
 * Fills as `tradesOf` takes them. A fee in the base currency of the symbol takes coins; any other
 * counts by its worth in quote currency, 0 where that is not known.
 */
export const tradeFillsOf = (fills: readonly LedgerFill[]): readonly TradeFill[] =>
  fills.map(({ atMs, platform, symbol, side, quantity, price, fee, feeCurrency, feeInQuote }) => {
    const isBase = feeCurrency === currenciesOf(symbol)[0]
    const name = `${platform} ${symbol}`
    return isBase
      ? { time: atMs, symbol: name, side, quantity, price, fee, feeCurrency: 'base' as const }
      : { time: atMs, symbol: name, side, quantity, price, fee: feeInQuote ?? 0, feeCurrency: 'quote' as const }
  })

/**
 * Daily equity as `equityStatistics` takes it; with a benchmark where every day has one. A value at
 * 00:00 UTC closes the day before and has its date, so that the last day of a month counts in its
 * month; the starting balance closes the day before the first.
 */
export function dailyEquityOf({ daily }: Pick<RunLedger, 'daily'>): EquityStatisticsInput {
  const benchmark = daily.map((point) => point.benchmark).filter((value) => value !== undefined)
  return {
    dates: daily.map(({ atMs }, index) => dayOf(index === 0 ? atMs - DAY_MS : atMs - 1)),
    equity: daily.map(({ equity }) => equity),
    benchmark: benchmark.length === daily.length ? benchmark : undefined,
  }
}
