import { describe, expect, it } from '@jest/globals'
import { watchAccount } from '../../../src/cli/run/watch-account.js'
import { jsonOutput } from '../../../src/cli/output/output.js'
import type { RunEvent } from '../../../src/cli/run/run-event.js'
import { accountOf, after, fresh } from '../events.js'
import { fillNotice, loggedIn, orderNotice } from '../../support/logged-in.js'
import { watch } from '../../support/watch.js'

const scene = () => {
  const { server, account } = loggedIn({}, {}, { market: ['ticker'] })
  const watched = watch(watchAccount(account))
  const events = (): readonly RunEvent[] => watched.values
  server.on('open_orders', (frame, side) => side.reply(frame, { data: [] }))
  return { server, account, events, state: () => accountOf(after(events())) }
}

describe('the state of a watched account', () => {
  it('counts a fill once, however often the server sends it', () => {
    const { server, state, events } = scene()
    server.side.notify('order', orderNotice())
    for (const order_no of ['1', '1', '2']) server.side.notify('fill', fillNotice('f', 1, { order_no }))
    server.scheduler.advanceBy(10)
    expect([state().fills, events().filter(({ type }) => type === 'fill').length]).toEqual([2, 2])
  })

  it('drops an order that any later list of open orders lacks', () => {
    const { server, account, state } = scene()
    server.side.notify('order', orderNotice())
    server.scheduler.advanceBy(10)
    expect(state().open.size).toBe(1)
    watch(account.openOrders('BTC/USDT'))
    server.scheduler.advanceBy(10)
    expect(state().open.size).toBe(0)
  })

  it('leaves the types of the JSON output as they are', () => {
    const { server, events } = scene()
    server.side.notify('order', orderNotice())
    server.scheduler.advanceBy(10)
    const lines: string[] = []
    const output = jsonOutput({ write: (text) => lines.push(text) })
    for (const event of events()) output.take({ at: 0, event }, fresh(), fresh())
    const types = lines.map((line) => (JSON.parse(line) as { type: string }).type)
    expect(events().map(({ type }) => type)).toContain('orderEvent')
    expect(types).toContain('order')
    expect(types).not.toContain('orderEvent')
  })
})
