import { describe, expect, it } from '@jest/globals'
import { reduceDashboard } from '../../../src/cli/dashboard/dashboard.js'
import { unresolvedInWords, unresolvedDetails } from '../../../src/cli/dashboard/unresolved-details.js'
import type { AccountEvent } from '../../../src/cli/run/run-event.js'
import { unresolvedCount, renderSummary, summaryOf } from '../../../src/cli/output/summary.js'
import { unpainted } from '../../../src/cli/format/text.js'
import { Unresolved } from '../../../src/client/index.js'
import { after, platform } from '../events.js'

const request = {
  op: 'place_order',
  symbol: 'BTC/USDT',
  action: 'BUY',
  price: 50_000,
  quantity: 0.1,
  order_type: 'LIMIT',
} as const
const unknown = (cid: string): Unresolved =>
  new Unresolved({
    cid,
    request,
    sentAt: 0,
    cause: 'connection-lost',
    evidence: [{ kind: 'matching-order', symbol: 'BTC/USDT', order_no: '7' }],
  })
const unsettled = (...cids: readonly string[]): AccountEvent => ({
  platform,
  type: 'unsettled',
  count: cids.length,
  orders: cids.map((cid) => unresolvedDetails(unknown(cid))),
})
const failed = (cid: string): AccountEvent => ({ platform, type: 'failed', error: unknown(cid) })

describe('an unresolved order', () => {
  it('is shown with its cid, cause and evidence', () => {
    expect(unresolvedInWords(unresolvedDetails(unknown('c1')))).toBe(
      'buy 0.1 BTC/USDT at 50,000 LIMIT, cid c1: it may exist (the connection was lost before a reply came); order 7 matches it',
    )
  })

  it('has one line when it begins, although its command fails too, and one when it is over', () => {
    const { log } = after([unsettled('c1'), failed('c1'), unsettled('c1', 'c2'), failed('c2'), unsettled('c2')])
    expect(log.map(({ kind, text }) => [kind, text.slice(0, 40)])).toEqual([
      ['trouble', 'unresolved: buy 0.1 BTC/USDT at 50,000 L'],
      ['trouble', 'unresolved: buy 0.1 BTC/USDT at 50,000 L'],
      ['state', 'resolved: cid c1'],
    ])
  })

  it('is in the summary until it is resolved, also where no command of the strategy has failed', () => {
    const dashboard = after([{ type: 'began', forMs: undefined }, unsettled('c1')])
    const summary = summaryOf(dashboard)
    expect(summary.accounts).toMatchObject([{ unknown: 0, unsettled: 1, unsettledOrders: [{ cid: 'c1' }] }])
    expect(unresolvedCount(summary)).toBe(1)
    expect(renderSummary(summary, unpainted).join('\n')).toMatch(/orders +unresolved[^]*\n +huobi +0 +1[^]*cid c1/)
    const settled = summaryOf(reduceDashboard(dashboard, { at: 1_000, event: unsettled() }))
    expect([unresolvedCount(settled), renderSummary(settled, unpainted).join('\n')]).toEqual([
      0,
      expect.not.stringContaining('unresolved'),
    ])
  })
})
