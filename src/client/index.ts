export type {
  Account,
  CancelRequest,
  CommandOptions,
  OrderRequest,
  Placed,
  Unsettled,
} from './account.js'
export { connect } from './connect.js'
export {
  type CommandError,
  type Evidence,
  type GuardRefusal,
  isCommandError,
  LoginFailed,
  type LoginFailure,
  NotSent,
  type NotSentReason,
  Rejected,
  type RequestSummary,
  ServerComplaint,
  Unknown,
  type UnknownCause,
} from './errors.js'
export type {
  ConnectionLoss,
  Credentials,
  Gateway,
  LoginOptions,
  ProtocolError,
  Status,
} from './gateway.js'
export { type ConnectOptions, isDefiniteRefusal } from './options.js'
export { type Outcome, outcome } from './outcome.js'
export type { InterfaceState } from './ready.js'
