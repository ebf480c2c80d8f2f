export { backtest, type BacktestEvent, type BacktestOptions } from '../testing/paper/index.js'
export { type Left, type PaperWorld, paperWorld, type PaperWorldOptions } from '../testing/paper/index.js'
export * from './ledger/index.js'
export * from './statistics/index.js'
