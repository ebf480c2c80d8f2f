import type { RequestOp } from '../../protocol/index.js'

/** Reason for not writing a command. Each is safe to try again. */
export type NotSentReason =
  /** The login was not READY (or, for an order, not tradable) within the command's age. */
  | 'not-ready-in-time'
  /** Too many commands are waiting already. */
  | 'queue-full'
  /** The other side has stopped reading: what is written now would leave at an unknown time. */
  | 'stalled-connection'
  /** The command is not of the protocol (a NaN price, say). */
  | 'invalid'
  /**
   * The outcome of an earlier subscription to this very order is not known yet, or it was placed
   * and its subscriber had left.
   */
  | 'unresolved'
  /** It waited, and all orders of its symbol were cancelled meanwhile. */
  | 'taken-back'
  /** The order journal could not be written. */
  | 'journal-failed'
  /** The login failed for good. */
  | 'login-failed'
  /** The login is ending, or has ended. */
  | 'logged-out'
  /** The gateway is closed. */
  | 'closed'

/** The server never saw the command: it is safe to try again. */
export class NotSent extends Error {
  readonly _tag = 'NotSent'
  override readonly name = 'NotSent'
  readonly op: RequestOp
  readonly reason: NotSentReason

  constructor(op: RequestOp, reason: NotSentReason, detail: string, options?: { readonly cause?: unknown }) {
    super(`${op} was not sent (${reason}): ${detail}`, options)
    this.op = op
    this.reason = reason
  }
}

/** The server said no, and meant it: nothing was done. */
export class Rejected extends Error {
  readonly _tag = 'Rejected'
  override readonly name = 'Rejected'
  readonly op: RequestOp
  /** The server's own words. */
  readonly serverMessage: string

  constructor(op: RequestOp, serverMessage: string) {
    super(`the server refused ${op}: ${serverMessage === '' ? '(it gave no reason)' : serverMessage}`)
    this.op = op
    this.serverMessage = serverMessage
  }
}

/** Reason for an unknown outcome of a command. */
export type UnresolvedCause =
  /** No reply came in time. */
  | 'timeout'
  /** The socket fell after the command was written. */
  | 'connection-lost'
  /** The server replied, but does not know itself (its own call to the exchange failed). */
  | 'server-unsure'
  /** A reply came that could not be read. */
  | 'undecodable'
  /**
   * It was refused, but that could not be written to the order journal: the next reader may send
   * the order again.
   */
  | 'journal-failed'
  /** The login was ended while the reply was outstanding. */
  | 'logged-out'

/** The request without the token. */
export interface RequestSummary {
  readonly op: RequestOp
  readonly [field: string]: unknown
}

/** Ops that change something: what happened when no answer came matters. */
const changesSomething: ReadonlySet<RequestOp> = new Set<RequestOp>(['place_order', 'cancel_order', 'login', 'logout'])

const unresolvedMessage = (op: RequestOp, cid: string, cause: UnresolvedCause): string =>
  changesSomething.has(op)
    ? `the outcome of ${op} ${cid} is not known (${cause}): it may have happened; look before you send it again`
    : `${op} ${cid} got no answer that could be used (${cause}): it only asks and changes nothing; ask again`

/**
 * The command was written and its outcome is not known: it may have happened. Never send it again
 * blindly.
 */
export class Unresolved extends Error {
  readonly _tag = 'Unresolved'
  override readonly name = 'Unresolved'
  readonly op: RequestOp
  readonly cid: string
  readonly request: RequestSummary
  /** Time of writing, in ms since 1970. */
  readonly sentAt: number
  /** Reason for the unknown outcome. */
  override readonly cause: UnresolvedCause
  /** Facts known all the same: the server's words, matching orders … */
  readonly evidence: readonly Evidence[]

  constructor(details: {
    readonly cid: string
    readonly request: RequestSummary
    readonly sentAt: number
    readonly cause: UnresolvedCause
    readonly evidence?: readonly Evidence[]
  }) {
    super(unresolvedMessage(details.request.op, details.cid, details.cause))
    this.op = details.request.op
    this.cid = details.cid
    this.request = details.request
    this.sentAt = details.sentAt
    this.cause = details.cause
    this.evidence = details.evidence ?? []
  }
}

/** Something seen that bears on an unknown outcome, without proving it. */
export type Evidence =
  | { readonly kind: 'server-said'; readonly message: string }
  | {
      readonly kind: 'matching-order'
      readonly symbol: string
      readonly order_no: string
    }

/**
 * A guard in front of the account said no (the risk gate of rxquant/strategy): nothing was sent.
 */
export interface DenialError extends Error {
  readonly _tag: 'OrderDenied'
  readonly op: RequestOp
  /** Which limit would have been broken. */
  readonly code: string
}

/** A command's bad ends. */
export type CommandError = NotSent | Rejected | Unresolved | DenialError

const isDenial = (error: unknown): error is DenialError =>
  error instanceof Error && '_tag' in error && error._tag === 'OrderDenied'

export const isCommandError = (error: unknown): error is CommandError =>
  error instanceof NotSent || error instanceof Rejected || error instanceof Unresolved || isDenial(error)

/** Reason for the failure of a login. */
export type LoginFailure =
  /** The server refused it. */
  | 'refused'
  /** PARAM_MISS: it would never have been ready. */
  | 'param-miss'
  /** It was not READY in time. */
  | 'not-ready'
  /**
   * The gateway cannot be reached, and trying again would not help: a wrong address, a refused
   * handshake, a bad certificate, a final close code.
   */
  | 'unreachable'
  /** The credentials are not of the protocol. */
  | 'invalid'
  /** Our own earlier login stayed registered for longer than it should. */
  | 'already-logged-in'
  /** The gateway was closed. */
  | 'closed'

/** A login failed for good. Holds the server's last words, and no key. */
export class LoginFailed extends Error {
  readonly _tag = 'LoginFailed'
  override readonly name = 'LoginFailed'
  readonly platform: string
  readonly reason: LoginFailure
  /** Last words of the server; empty where it said nothing. */
  readonly serverMessage: string
  /**
   * Earlier words of the server: its first ones, and the first that named a problem, where they
   * differ.
   */
  readonly firstMessages: readonly string[]

  constructor(
    platform: string,
    reason: LoginFailure,
    serverMessage: string,
    advice: string,
    { firstMessages = [], cause }: { readonly firstMessages?: readonly string[]; readonly cause?: unknown } = {},
  ) {
    const first = firstMessages.length === 0 ? '' : `, the server said first: ${firstMessages.join('; ')}`
    const last = serverMessage === '' ? '' : `, the server says${first === '' ? '' : ' last'}: ${serverMessage}`
    super(
      `login to ${platform} failed (${reason})${first}${last}; ${advice}`,
      ...(cause === undefined ? [] : [{ cause }]),
    )
    this.firstMessages = firstMessages
    this.platform = platform
    this.reason = reason
    this.serverMessage = serverMessage
  }
}

/** The server could not process a frame of ours (`op: error`). It does not say which. */
export class ServerComplaint extends Error {
  readonly _tag = 'ServerComplaint'
  override readonly name = 'ServerComplaint'

  constructor(serverMessage: string) {
    super(`the server could not process a frame, and says: ${serverMessage}`)
  }
}
