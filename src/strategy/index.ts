export { execute } from './execute.js'
export type { ExecuteOptions } from './execute-options.js'
export {
  type CancelOrder,
  type CancelAllOrders,
  cancel,
  cancelAll,
  closeLong,
  closeShort,
  faultOf,
  type Intent,
  iocBuy,
  iocSell,
  limitBuy,
  limitSell,
  marketBuyFor,
  marketSell,
  openLong,
  openShort,
  orderOf,
  type PlaceOrder,
  type ReplaceOrder,
  replace,
  type OrderTerms,
} from './intent.js'
export { keepQuotes, type KeepQuotesOptions, type Quote, type Quotes } from './keep-quotes.js'
export { type IntentOutcome, outcomeOfError } from './outcome.js'
export { type EndStatus, isEnd } from '../orders/index.js'
export { type AccountsOf, outputOf, type Strategy, type StrategyLogin, strategy } from './strategy.js'
export type { Holding } from './own-position.js'
export type { Prices } from './pursuit.js'
export { reachTarget, type ReachTargetOptions } from './reach-target.js'
export type { SteerOptions } from './steer.js'
export * from './risk/index.js'
export * from './signals/index.js'
export * from './sizing/index.js'
