import { type CostStatistics, costStatistics } from './ledger/costs.js'
import { type ExecutionStatistics, executionStatistics } from './ledger/execution.js'
import { dailyEquityOf, tradeFillsOf } from './ledger/from-ledger.js'
import type { RunLedger } from './ledger/ledger.js'
import { type EquityStatistics, equityStatistics } from './statistics/equity-statistics.js'
import {
  type DurationStatistics,
  durationStatistics,
  type Excursion,
  excursionOf,
} from './statistics/trades/excursions.js'
import type { RoundTrip } from './statistics/trades/round-trips.js'
import { type TradeStatistics, tradeStatistics } from './statistics/trades/trade-statistics.js'
import { tradesOf } from './statistics/trades/trades-of.js'

/** A run with all that is needed to read and repeat it. Plain data: it survives JSON. */
export interface RunResult {
  /** Name of the strategy or run. */
  readonly title: string
  readonly ledger: RunLedger
  /** Rate of a year without risk, as a fraction. @default 0 */
  readonly riskFreeAnnual?: number | undefined
  /** Settings of the strategy and the exchange. */
  readonly parameters?: Readonly<Record<string, unknown>> | undefined
  /** Files that were played. */
  readonly data?: readonly { readonly name: string; readonly sha256?: string; readonly rows?: number }[] | undefined
  /** Versions by name, such as rxquant and node. */
  readonly versions?: Readonly<Record<string, string>> | undefined
  readonly seed?: number | string | undefined
  /** Remarks about the run, such as prices that were old. */
  readonly notes?: readonly string[] | undefined
}

/** A round trip with its symbol (`platform symbol`) and the excursions of the price during it. */
export type RunTrade = RoundTrip & { readonly symbol: string } & Partial<Excursion>

/** All statistics of a run. */
export interface RunStatistics {
  readonly equity: EquityStatistics
  readonly trades: TradeStatistics
  readonly durations: DurationStatistics
  /** Statistics of trades by symbol. */
  readonly bySymbol: Readonly<Record<string, TradeStatistics>>
  readonly costs: CostStatistics
  readonly execution: ExecutionStatistics
}

/** Derives the round trips of a run, in the order in which they were closed. */
export const runTrades = ({ fills, bars }: RunLedger): readonly RunTrade[] =>
  tradesOf(tradeFillsOf(fills)).map((trade) => {
    const symbol = trade.symbol ?? ''
    const priceBars = bars[symbol.slice(symbol.indexOf(' ') + 1)] ?? []
    return { ...trade, symbol, ...excursionOf(trade, priceBars) }
  })

/** Computes the statistics of a run: of its daily equity, round trips, costs and orders. */
export function runStatistics(
  result: RunResult,
  trades: readonly RunTrade[] = runTrades(result.ledger),
): RunStatistics {
  const { ledger, riskFreeAnnual } = result
  const symbols = [...new Set(trades.map(({ symbol }) => symbol))]
  return {
    equity: equityStatistics({ ...dailyEquityOf(ledger), riskFreeAnnual }),
    trades: tradeStatistics(trades),
    durations: durationStatistics(trades),
    bySymbol: Object.fromEntries(
      symbols.map((symbol) => [symbol, tradeStatistics(trades.filter((trade) => trade.symbol === symbol))]),
    ),
    costs: costStatistics(ledger),
    execution: executionStatistics(ledger.orders),
  }
}
