import { StateCode } from '../protocol/index.js'

/** What the server says of an exchange interface. */
export interface InterfaceState {
  readonly code: number
  /** The code's name, or `STATE_<n>` for one that this version does not know. */
  readonly name: string
  /** The server's own words. */
  readonly msg: string
}

/** Whether commands may be sent after a state code: 7 and codes we do not know change nothing. */
export const readyAfter = (ready: boolean, code: number): boolean => {
  switch (code) {
    case StateCode.READY:
      return true
    case StateCode.PARAM_MISS:
    case StateCode.CONNECT_FAILED:
    case StateCode.DISCONNECT:
    case StateCode.RECONNECTING:
      return false
    default:
      return ready
  }
}
