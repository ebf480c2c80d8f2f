export { type BalanceStore, type BalanceCompared, createBalanceStore } from './balance-store.js'
export type { LiveTable, View } from './live-table.js'
export {
  type Anomaly,
  createOrderStore,
  type OrderStore,
  type OrdersCompared,
} from './order-store.js'
export { keyOf, type OrderState } from './order-records.js'
export { createPositionStore, type PositionStore, type PositionCompared } from './position-store.js'
