export { execute } from './execute.js'
export type { ExecuteOptions } from './execute-options.js'
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
  marketBuyFor,
  marketSell,
  openLong,
  openShort,
  type PlaceOrder,
  type ReplaceOrder,
  replace,
  type OrderTerms,
} from './intent.js'
export { keepQuotes, type KeepQuotesOptions, type Quote, type Quotes } from './keep-quotes.js'
export { type IntentOutcome } from './outcome.js'
export { type EndStatus } from '../orders/index.js'
export { type AccountsOf, outputOf, type Strategy, type StrategyLogin, strategy } from './strategy.js'
export type { Holding } from './own-position.js'
export type { Prices } from './pursuit.js'
export { reachTarget, type ReachTargetOptions } from './reach-target.js'
export type { SteerOptions } from './steer.js'
export type { RiskControl } from './risk/control.js'
export { FlattenFailed, type FlattenOptions } from './risk/flatten.js'
export type { LookUpOptions } from './risk/gaps.js'
export type { TradingState, RiskDenial } from './risk/gate.js'
export { guard, type GuardedAccount, type GuardOptions } from './risk/guard.js'
export type { Held, KillSwitch, RateLimit, PerSymbol, Reference, RiskLimits } from './risk/limits.js'
export { type RiskCode, RiskRefused } from './risk/refused.js'
export type { RiskState, SymbolRisk } from './risk/view.js'
export { adx } from './signals/adx.js'
export { asOf, type AsOfOptions } from './signals/as-of.js'
export { atr } from './signals/atr.js'
export { type Bar, bars, type BarsOptions, type BarTrade } from './signals/bars.js'
export { bollinger, type BollingerOptions } from './signals/bollinger.js'
export { conflateMap, type ConflateOptions } from './signals/conflate-map.js'
export { crossover } from './signals/crossover.js'
export { ema, type EmaOptions } from './signals/ema.js'
export type { AverageSeed } from './signals/exponential-average.js'
export { type Indicator, indicator } from './signals/indicator.js'
export { macd, type MacdOptions } from './signals/macd.js'
export { rolling, type RollingOptions, type WindowStatistics } from './signals/rolling.js'
export { rsi } from './signals/rsi.js'
export { sma } from './signals/sma.js'
export { stochastic, type StochasticOptions } from './signals/stochastic.js'
export { study } from './signals/study.js'
export { wma } from './signals/wma.js'
export { type Fit, fit, type MisfitReason } from './sizing/fit.js'
export { byNotional, byRisk, type RiskBudget } from './sizing/size.js'
export { type RebalanceStep, type RebalanceInput, toTarget } from './sizing/to-target.js'
