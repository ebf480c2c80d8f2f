export type { Account } from './account.js'
export type { KnownOrder, NumberedOrder, OrderEvent, OrderName, OrderRequest, OwnOrder } from '../orders/index.js'
export type { CancelRequest, CommandOptions, Placed } from './command.js'
export { connect } from './connect.js'
export {
  type CommandError,
  type Evidence,
  type DenialError,
  isCommandError,
  LoginFailed,
  type LoginFailure,
  NotSent,
  type NotSentReason,
  Rejected,
  type RequestSummary,
  ServerComplaint,
  Unresolved,
  type UnresolvedCause,
} from './errors/errors.js'
export type { ConnectionLoss, Status } from './connection/status.js'
export type { Credentials, Gateway, LoginOptions, ProtocolError } from './gateway.js'
export type { ConnectOptions } from './options.js'
export { isDefiniteRefusal } from './errors/definite-refusal.js'
export { type Outcome, outcome } from './errors/outcome.js'
export type { MarketStreams } from './market-streams.js'
export { TopicNotAsked } from './session/asked-topics.js'
export type { InterfaceState } from './interface-state.js'
export type { Gap, GapCause, Reconciled } from './state/gap.js'
export type { OrderJournalEntry, OrderJournal } from './orders/order-journal.js'
export type { Anomaly, BalanceCompared, OrderState, PositionCompared, View } from './state/stores/index.js'
export type { OrderUpdate } from './orders/order-update.js'
export type { UnresolvedOrder } from './orders/unresolved-orders.js'
