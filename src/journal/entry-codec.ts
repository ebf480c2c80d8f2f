import * as t from 'io-ts'
import type { OrderJournalEntry } from '../client/index.js'
import { Action, OrderType } from '../protocol/index.js'
import { FiniteNumber, Text } from '../protocol/internal.js'

const Sent = t.intersection([
  t.type({
    kind: t.literal('sent'),
    cid: Text,
    order: t.type({ symbol: Text, action: Action, price: FiniteNumber, quantity: FiniteNumber, order_type: OrderType }),
    sentAt: FiniteNumber,
  }),
  t.partial({ validUntil: FiniteNumber, epoch: Text }),
])

const Settled = t.intersection([
  t.type({
    kind: t.literal('settled'),
    cid: Text,
    fate: t.keyof({ placed: null, rejected: null, unsent: null, 'closed-by-caller': null }),
  }),
  t.partial({ order_no: Text }),
])

type Read =
  | { readonly _tag: 'Right'; readonly right: OrderJournalEntry }
  | { readonly _tag: 'Left'; readonly left: string }

/** Reads one line of a journal, or says what is wrong with it. */
export const decodeEntry = (line: string): Read => {
  let entry: unknown
  try {
    entry = JSON.parse(line)
  } catch {
    return { _tag: 'Left', left: 'it is not JSON' }
  }
  if (Sent.is(entry) || Settled.is(entry)) return { _tag: 'Right', right: entry }
  return { _tag: 'Left', left: 'it is neither a sent nor a settled order' }
}
