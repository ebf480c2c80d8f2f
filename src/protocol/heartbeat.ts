import * as t from 'io-ts'
import { FiniteNumber } from './number.js'

/** Sent by the client every 5 s. `ts` is the client's own and comes back unchanged. */
export const Ping = t.type({ op: t.literal('ping'), ts: FiniteNumber }, 'Ping')
export interface Ping extends t.TypeOf<typeof Ping> {}

export const Pong = t.type({ op: t.literal('pong'), ts: FiniteNumber }, 'Pong')
export interface Pong extends t.TypeOf<typeof Pong> {}
