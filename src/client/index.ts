export type {
  Account,
  CancelRequest,
  CommandOptions,
  OrderRequest,
  Placed,
  Unsettled,
} from './account.js'
export {
  type CommandError,
  type Evidence,
  isCommandError,
  LoginFailed,
  type LoginFailure,
  NotSent,
  type NotSentReason,
  Rejected,
  type RequestSummary,
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
