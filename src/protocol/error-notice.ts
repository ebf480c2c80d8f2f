import * as t from 'io-ts'
import { Text } from './codec/text.js'

/** Answers a frame that the server could not process. It has no cid, so it ends no request. */
export const ErrorNotice = t.type({ op: t.literal('error'), error_message: Text }, 'ErrorNotice')
export interface ErrorNotice extends t.TypeOf<typeof ErrorNotice> {}
