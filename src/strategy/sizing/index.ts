export { type Fit, fit, isForMoney, type MisfitReason } from './fit.js'
export { onStep, priceOn, sizeOn, type Step } from './precision.js'
export { byNotional, byRisk, type RiskBudget } from './size.js'
export { type Round, type Toward, toTarget } from './to-target.js'
