export { type Fit, fit, isForMoney, type MisfitReason } from './fit.js'
export { onStep, priceOn, sizeOn, type Step } from './precision.js'
export { byNotional, byRisk, type RiskBudget } from './size.js'
export { type RebalanceStep, type RebalanceInput, toTarget } from './to-target.js'
