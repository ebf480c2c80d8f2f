export { type RoundingResult, roundToIncrements, isForMoney, type RoundingRefusal } from './round-to-increments.js'
export { roundToStep, roundPrice, roundQuantity, type Step } from './precision.js'
export { notionalSize, riskBasedSize, type RiskBudget } from './size.js'
export { type RebalanceStep, type RebalanceInput, toTarget } from './to-target.js'
