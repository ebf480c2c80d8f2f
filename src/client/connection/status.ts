import type { ConnectionClosed } from '../../transport/index.js'

/** State of the connection. */
export type Status =
  | { readonly _tag: 'Idle' }
  | { readonly _tag: 'Connecting'; readonly attempt: number }
  | { readonly _tag: 'Connected'; readonly generation: number }
  | {
      readonly _tag: 'Lost'
      readonly cause: ConnectionLoss
      readonly retryInMs: number
      readonly attempt: number
    }
  | { readonly _tag: 'Closed' }

/** Cause of giving a socket up. */
export type ConnectionLoss =
  | { readonly _tag: 'Ended'; readonly error: ConnectionClosed }
  /** Alive by its own account, but nothing came, or a ping stayed unanswered. */
  | { readonly _tag: 'Silent'; readonly error: Error }
  /** No reply to a login came: whether the server took it is unknown. */
  | { readonly _tag: 'LoginUnanswered'; readonly error: Error }
