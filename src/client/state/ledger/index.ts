export { type BalanceBook, type BalanceCompared, createBalanceBook } from './balance-book.js'
export type { LiveTable, View } from './live-table.js'
export {
  type Anomaly,
  createOrderLedger,
  type OrderLedger,
  type OrdersCompared,
} from './order-ledger.js'
export { keyOf, type OrderState } from './order-entries.js'
export { createPositionBook, type PositionBook, type PositionCompared } from './position-book.js'
