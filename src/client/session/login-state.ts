import { StateCode } from '../../protocol/index.js'
import { readyAfter } from '../../protocol/internal.js'

/**
 * Progress of a login towards its next READY. Each new object restarts the deadline. `Dark`: there
 * is no socket, so no deadline runs.
 */
export interface Progress {
  readonly _tag: 'Waiting' | 'Ready' | 'Dark'
}

/** State of a login over all its sockets. */
export interface LoginState {
  readonly progress: Progress
  readonly everReady: boolean
  /** It has given up a connection since it was last READY. */
  readonly hasRetired: boolean
  /** Token of the session, until a reply calls it void or the connection ends. */
  readonly token: string | undefined
  /** The last token that a reply has called void. */
  readonly voided: string | undefined
}

/** A step in the life of a login. */
export type LoginEvent =
  | { readonly _tag: 'ConnectionUp' }
  | { readonly _tag: 'ConnectionDown' }
  /** The login has given its connection up. */
  | { readonly _tag: 'ConnectionRetired' }
  | { readonly _tag: 'TokenGiven'; readonly token: string }
  | { readonly _tag: 'TokenVoid'; readonly token: string }
  | { readonly _tag: 'SessionBegun' }
  /** The server has sent a state. `wasReady`: the session has been READY. */
  | { readonly _tag: 'StateReceived'; readonly code: number; readonly wasReady: boolean }

/** State of a login before its first connection. */
export const initialLogin: LoginState = {
  progress: { _tag: 'Waiting' },
  everReady: false,
  hasRetired: false,
  token: undefined,
  voided: undefined,
}

const waiting = (state: LoginState): LoginState => ({ ...state, progress: { _tag: 'Waiting' } })

/** The next state of a login. */
export function reduceLogin(state: LoginState, event: LoginEvent): LoginState {
  switch (event._tag) {
    case 'ConnectionUp':
      return { ...state, token: undefined }
    case 'ConnectionDown':
      return state.everReady ? { ...state, progress: { _tag: 'Dark' } } : state
    case 'ConnectionRetired':
      return { ...state, hasRetired: true }
    case 'TokenGiven':
      return { ...state, token: event.token }
    case 'TokenVoid':
      // Each reply that was on its way says so: only the first may ask for another token, or two
      // attempts are in flight.
      return { ...state, token: undefined, voided: event.token }
    case 'SessionBegun':
      return state.everReady ? waiting(state) : state
    case 'StateReceived': {
      const { code, wasReady } = event
      if (code === StateCode.READY) return { ...state, progress: { _tag: 'Ready' }, everReady: true, hasRetired: false }
      const isAttempt = code !== StateCode.CONNECT_SUCCESS && code !== StateCode.GENERAL_ERROR
      // The server says that it is trying; as long as it says so, we wait.
      return state.everReady && !wasReady && isAttempt ? waiting(state) : state
    }
  }
}

/** State of one session: from its login reply until its token is void or its socket ends. */
export interface SessionState {
  /** The exchange interface is READY. */
  readonly isReady: boolean
  readonly wasReady: boolean
  /** The connection takes new requests. */
  readonly accepting: boolean
}

/** State of a session at its login reply. */
export const initialSession: SessionState = { isReady: false, wasReady: false, accepting: true }

/** State of a session after the server has sent a state. */
export const afterState = (session: SessionState, code: number): SessionState => ({
  ...session,
  isReady: readyAfter(session.isReady, code),
  wasReady: session.wasReady || code === StateCode.READY,
})
