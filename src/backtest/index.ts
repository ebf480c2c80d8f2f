export { backtest, type BacktestEvent, type BacktestOptions } from './simulation/backtest.js'
export { memoryLink, type PaperLink, type PaperLinkContext } from './simulation/paper-link.js'
export { paper, type PaperSettings } from './simulation/paper.js'
export {
  type BacktestLane,
  type PaperSimulation,
  paperSimulation,
  type PaperSimulationOptions,
  type RemainingState,
} from './simulation/paper-simulation.js'
export { intentWords, marketWords } from './simulation/words.js'
export { type CostStatistics, costStatistics } from './ledger/costs.js'
export { type ExecutionStatistics, executionStatistics, isRefused } from './ledger/execution.js'
export { dailyEquityOf, tradeFillsOf } from './ledger/from-ledger.js'
export { priceBars, tradedOn } from './ledger/from-log.js'
export type {
  EquityPoint,
  FundingPayment,
  LedgerFill,
  LedgerOrder,
  Liquidation,
  OrderOutcome,
  PriceBar,
  RunLedger,
} from './ledger/ledger.js'
export { spotLedger, type SpotRun } from './ledger/spot-ledger.js'
export { checkLookahead, type LookaheadFinding, type LookaheadOptions, type LookaheadResult } from './lookahead.js'
export { reportHtml } from './report/report-html.js'
export {
  openTrades,
  type RunResult,
  type RunStatistics,
  runStatistics,
  runTrades,
  type RunTrade,
} from './run-result.js'
export type { BenchmarkStatistics } from './statistics/against-benchmark.js'
export { type Drawdown, drawdowns, underwater } from './statistics/drawdowns.js'
export type { EquitySeries } from './statistics/equity-series.js'
export { type EquityStatistics, equityStatistics, type EquityStatisticsInput } from './statistics/equity-statistics.js'
export { rollingSharpe, rollingVolatility } from './statistics/sharpe.js'
export type { AverageCostPosition, AverageCostTrade } from './statistics/trades/average-cost.js'
export {
  type DurationStatistics,
  durationStatistics,
  type Excursion,
  excursionOf,
  type PriceRange,
} from './statistics/trades/excursions.js'
export type { FifoLot, FifoTrade } from './statistics/trades/fifo.js'
export type { OpenRoundTrip, RoundTrip } from './statistics/trades/round-trips.js'
export type { TradeFill, TradeResult, TradeSide } from './statistics/trades/trade-fills.js'
export { type TradeStatistics, tradeStatistics } from './statistics/trades/trade-statistics.js'
export {
  type OpenByMethod,
  openOf,
  type TradeByMethod,
  type TradeMethod,
  tradesOf,
} from './statistics/trades/trades-of.js'
