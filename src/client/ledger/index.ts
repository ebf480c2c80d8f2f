export { createLiveTable, type LiveTable, type View } from './live-table.js'
export { type Anomaly, createOrderLedger, type OrderLedger, type OrdersCompared, type OrderState } from './order-ledger.js'
export { isOpen } from './order-move.js'
