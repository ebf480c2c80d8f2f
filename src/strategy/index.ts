export { execute } from './execution/execute.js'
export type { ExecuteOptions } from './execution/execute-options.js'
export {
  type CancelOrder,
  type CancelAllOrders,
  cancel,
  cancelAll,
  closeLong,
  closeShort,
  type Intent,
  iocBuy,
  iocSell,
  limitBuy,
  limitSell,
  marketBuyCost,
  marketSell,
  openLong,
  openShort,
  type PlaceOrder,
  type ReplaceOrder,
  replace,
  type OrderTerms,
} from './intent.js'
export { keepQuotes, type KeepQuotesOptions, type Quote, type Quotes } from './execution/keep-quotes.js'
export { type IntentOutcome } from './outcome.js'
export { type EndStatus } from '../orders/index.js'
export { type AccountsOf, outputOf, type Strategy, type StrategyLogin, strategy } from './strategy.js'
export type { PositionSize } from './targets/own-position.js'
export type { Prices } from './targets/target-state.js'
export { reachTarget, type ReachTargetOptions } from './targets/reach-target.js'
export type { FeedbackOptions } from './execution/execute-with-feedback.js'
export type { RiskControl } from './risk/control.js'
export { FlattenFailed, type FlattenOptions } from './risk/flatten.js'
export type { LookUpOptions } from './risk/gaps.js'
export type { TradingState, RiskDenial } from './risk/state/gate.js'
export { withRiskLimits, type RiskLimitedAccount, type WithRiskLimitsOptions } from './risk/with-risk-limits.js'
export type { PositionQuantity, KillSwitch, RateLimit, PerSymbol, Reference, RiskLimits } from './risk/limits.js'
export { type RiskCode, OrderDenied } from './risk/order-denied.js'
export type { RiskState, SymbolRisk } from './risk/view.js'
export { adx } from './signals/indicators/adx.js'
export { asOf, type AsOfOptions } from './signals/as-of.js'
export { atr } from './signals/indicators/atr.js'
export { type Bar, bars, type BarsOptions, type BarTrade } from './signals/bars.js'
export { bollinger, type BollingerOptions } from './signals/indicators/bollinger.js'
export { conflateMap, type ConflateOptions } from './signals/conflate-map.js'
export { crossover } from './signals/crossover.js'
export { ema, type EmaOptions } from './signals/indicators/ema.js'
export type { AverageSeed } from './signals/indicators/exponential-average.js'
export { type Indicator, indicator } from './signals/indicators/indicator.js'
export { macd, type MacdOptions } from './signals/indicators/macd.js'
export { rolling, type RollingOptions, type WindowStatistics } from './signals/rolling.js'
export { rsi } from './signals/indicators/rsi.js'
export { sma } from './signals/indicators/sma.js'
export { stochastic, type StochasticOptions } from './signals/indicators/stochastic.js'
export { combineIndicators } from './signals/indicators/combine-indicators.js'
export { wma } from './signals/indicators/wma.js'
export { type RoundingResult, roundToIncrements, type RoundingRefusal } from './sizing/round-to-increments.js'
export { notionalSize, riskBasedSize, type RiskBudget } from './sizing/size.js'
export { type RebalanceStep, type RebalanceInput, toTarget } from './sizing/to-target.js'
