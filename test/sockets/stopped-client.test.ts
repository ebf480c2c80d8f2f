import { afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { outcome } from '../../src/client/index.js'
import { build } from '../support/processes.js'
import { type TcpProxy, tcpProxy } from '../support/tcp-proxy.js'
import type { Talking } from '../support/talking.js'
import { place, startClient, tradable, viewsLike } from './client.js'
import { type GatewayLife, type GatewayProcess, startGateway } from './gateway.js'
import { limit, soon, symbol, type Trader, trader } from './trader.js'

let gateway: GatewayProcess
let proxy: TcpProxy
let bert: Trader
let anna: Talking

beforeAll(() => build(), 60_000)
afterEach(async () => {
  await anna.kill()
  await bert.leave()
  await proxy.close()
  await gateway.process.kill()
})

/** Anna's process has an order resting, and Bert may sell into it. */
const restingOrder = async (life: GatewayLife): Promise<void> => {
  gateway = await startGateway(life)
  proxy = await tcpProxy(gateway.port)
  bert = await trader('the-key-of-bert', gateway)
  anna = startClient({ port: proxy.port, gatewayPort: gateway.port, access_key: 'the-key-of-anna' })
  await tradable(anna, 0)
  const ended = anna.says('end')
  await place(anna, { ...limit, quantity: 0.005 })
  expect(await ended).toMatchObject({ is: 'Done' })
}
const bertSells = (quantity: number) =>
  soon('what Bert sells', bert.account.placeOrder({ ...limit, action: 'SELL', quantity }))
const since = (mark: number, kind: string) => anna.heard.slice(mark).filter((said) => said.kind === kind)

describe('a client process that is stopped (SIGSTOP) and goes on', () => {
  it('keeps its connection, where the gateway has kept it, however long its silence seems: what lies in the socket is life', async () => {
    await restingOrder({ limits: { deadAfterMs: 15_000 } })
    const mark = anna.heard.length
    anna.signal('SIGSTOP')
    const stoppedAt = performance.now()
    // The market goes on for longer than the client puts up with silence.
    for (let sold = 0; sold < 5; sold++) await bertSells(0.001)
    while (performance.now() - stoppedAt < 800) await soon('an answer', bert.account.openOrders(symbol))
    anna.signal('SIGCONT')
    const books = await gateway.books('the-key-of-anna')
    await viewsLike(anna, books)
    expect(since(mark, 'fill')).toHaveLength(5)
    expect(since(mark, 'status')).toEqual([])
  }, 30_000)

  it.each([
    ['all', true],
    ['none', false],
  ] as const)(
    'is cut off by the gateway after a while: its views are not taken as fresh before it is back (features: %s)',
    async (features, recovered) => {
      await restingOrder({ features })
      const mark = anna.heard.length
      anna.signal('SIGSTOP')
      await gateway.process.says('disconnected')
      await bertSells(0.005)
      const books = await gateway.books('the-key-of-anna')
      expect(books.open).toEqual([])
      anna.signal('SIGCONT')
      expect(await anna.says('gap', { after: mark })).toMatchObject({ recovered })
      await viewsLike(anna, books)
      await tradable(anna, mark)
      expect(since(mark, 'tradable')).toMatchObject([{ is: false }, { is: true }])
      // The order that is gone is shown no more, but as what may be out of date.
      const lost = anna.heard.findIndex((said, i) => i >= mark && said.kind === 'tradable')
      for (const { stale, open } of since(lost, 'views'))
        expect(stale === true || (open as string[]).length === 0).toBe(true)
    },
    30_000,
  )

  it('does not write an order whose age has run out meanwhile, though the way is free again', async () => {
    await restingOrder({})
    const bystander = await trader('the-key-of-carl', { port: proxy.port, gatewayPort: gateway.port })
    proxy.refuse()
    const lost = anna.says('status', { where: ({ is }) => is === 'Lost' })
    proxy.resetPeer()
    await lost
    const mark = anna.heard.length
    await place(anna, { ...limit, price: 19_000 }, 400)
    anna.signal('SIGSTOP')
    // Asked at the same time and with the same age: when this one's has run out, so has the other's.
    const same = bystander.account.placeOrder({ ...limit, price: 18_000 }, { maxAgeMs: 450 }).pipe(outcome())
    expect(await soon('the end of an age', same)).toMatchObject({ _tag: 'NotSent', reason: 'not-ready-in-time' })
    proxy.heal()
    anna.signal('SIGCONT')
    expect(await anna.says('end', { after: mark })).toMatchObject({ is: 'NotSent', reason: 'not-ready-in-time' })
    await tradable(anna, mark)
    const books = await gateway.books('the-key-of-anna')
    expect(books).toMatchObject({ orders: 1, arrived: { length: 1 } })
    await bystander.leave()
  }, 30_000)
})
