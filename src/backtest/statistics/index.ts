export type { BenchmarkStatistics } from './against-benchmark.js'
export { type Drawdown, drawdowns, underwater } from './drawdowns.js'
export type { EquitySeries } from './equity-series.js'
export { type EquityStatistics, equityStatistics, type EquityStatisticsInput } from './equity-statistics.js'
export { rollingSharpe, rollingVolatility } from './sharpe.js'
export type { AverageCostPosition, AverageCostTrade } from './trades/average-cost.js'
export type { FifoLot, FifoTrade } from './trades/fifo.js'
export type { OpenRoundTrip, RoundTrip } from './trades/round-trips.js'
export type { TradeFill, TradeResult, TradeSide } from './trades/trade-fills.js'
export { type TradeStatistics, tradeStatistics } from './trades/trade-statistics.js'
export { type OpenByMethod, openOf, type TradeByMethod, type TradeMethod, tradesOf } from './trades/trades-of.js'
export {
  type DurationStatistics,
  durationStatistics,
  type Excursion,
  excursionOf,
} from './trades/excursions.js'
