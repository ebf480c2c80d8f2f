export { type CostStatistics, costStatistics } from './costs.js'
export { type ExecutionStatistics, executionStatistics, isRefused } from './execution.js'
export { dailyEquityOf, tradeFillsOf } from './from-ledger.js'
export { priceBars, tradedOn } from './from-log.js'
export type {
  EquityPoint,
  FundingPayment,
  LedgerFill,
  LedgerOrder,
  Liquidation,
  OrderOutcome,
  PriceBar,
  RunLedger,
} from './ledger.js'
export { spotLedger, type SpotRun } from './spot-ledger.js'
