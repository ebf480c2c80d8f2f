import { describe, expect, it } from '@jest/globals'
import type { OrderJournalEntry } from '../../src/client/index.js'
import { worthKeeping } from '../../src/journal/worth-keeping.js'

const minute = 60_000

const sent = (cid: string, sentAt: number, fields: object = {}): OrderJournalEntry => ({
  kind: 'sent',
  cid,
  order: { symbol: 'BTC/USDT', action: 'BUY', price: 100, quantity: 2, order_type: 'LIMIT', ...fields },
  sentAt,
})
const placed = (cid: string): OrderJournalEntry => ({ kind: 'settled', cid, fate: 'placed', order_no: cid })

const keptOf = (...entries: readonly OrderJournalEntry[]): readonly string[] => [
  ...new Set(worthKeeping(entries).map(({ cid }) => cid)),
]

describe('what of a journal is worth keeping', () => {
  it.each([
    ['shortly before', 9],
    ['long after', 100],
  ])('is a settled order that may look like an unresolved one, sent %s it: it may still rest', (_, at) => {
    const twin = [sent('twin', at * minute), placed('twin')]
    const open = sent('open', 10 * minute)
    const later = [sent('later', 500 * minute), placed('later')]
    expect(keptOf(...twin, open, ...later)).toContain('twin')
  })

  it('is that order though its price and quantity be others: an exchange rounds them', () => {
    const twin = [sent('twin', 0, { price: 100.004, quantity: 2.001 }), placed('twin')]
    expect(keptOf(sent('open', 0), ...twin, sent('later', 500 * minute), placed('later'))).toContain('twin')
  })

  it.each([{ action: 'SELL' }, { symbol: 'ETH/USDT' }, { order_type: 'MARKET', price: 0 }])(
    'is no settled order of long ago that cannot look like the unresolved one: %j',
    (fields) => {
      const other = [sent('other', 20 * minute, fields), placed('other')]
      expect(keptOf(sent('open', 0), ...other, sent('later', 500 * minute), placed('later'))).toEqual(['open', 'later'])
    },
  )

  it('is no settled order that was sent long before the unresolved one', () => {
    const old = [sent('old', 0), placed('old')]
    expect(keptOf(...old, sent('open', 11 * minute))).toEqual(['open'])
  })
})
