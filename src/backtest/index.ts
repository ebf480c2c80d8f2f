export { backtest, type BacktestEvent, type BacktestOptions } from '../testing/paper/index.js'
export {
  type RemainingState,
  type PaperSimulation,
  paperSimulation,
  type PaperSimulationOptions,
} from '../testing/paper/index.js'
export * from './ledger/index.js'
export { reportHtml } from './report/index.js'
export { type RunResult, type RunStatistics, runStatistics, runTrades, type RunTrade } from './run-result.js'
export * from './statistics/index.js'
