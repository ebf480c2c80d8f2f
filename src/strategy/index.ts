export { type AccountsOf, type Strategy, type StrategyLogin, strategy } from './strategy.js'
