import * as t from 'io-ts'
import { FiniteNumber } from './codec/number.js'
import { Text } from './codec/text.js'

/** The state codes of the protocol. A server may send others: they are shown and change nothing. */
export const StateCode = {
  /** A parameter is missing: this login will never be ready. */
  PARAM_MISS: 1,
  CONNECT_SUCCESS: 2,
  /** The server keeps trying. */
  CONNECT_FAILED: 3,
  /** The server reconnects by itself. */
  DISCONNECT: 4,
  RECONNECTING: 5,
  /** Only now, and until the next loss, may commands be sent. */
  READY: 6,
  /** Does not by itself say whether the interface is ready. */
  GENERAL_ERROR: 7,
} as const
export type StateCode = (typeof StateCode)[keyof typeof StateCode]

const names: ReadonlyMap<number, string> = new Map(Object.entries(StateCode).map(([name, code]) => [code, name]))

/** The name of a state code, or `STATE_<n>` for one that this version does not know. */
export const stateName = (code: number): string => names.get(code) ?? `STATE_${code}`

/** The state of an exchange interface. */
export const StateNotice = t.type({ op: t.literal('state'), token: Text, code: FiniteNumber, msg: Text }, 'StateNotice')
export interface StateNotice extends t.TypeOf<typeof StateNotice> {}

/**
 * True if commands may be sent after a state: from 6 until the next 1, 3, 4 or 5. Other codes
 * change nothing.
 */
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
