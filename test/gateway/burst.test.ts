import { afterAll, expect, it } from '@jest/globals'
import { concat, from, NEVER, of, type Subscription } from 'rxjs'
import { type ExchangeAdapter, type GatewayEvent, listen } from '../../src/gateway/index.js'
import { connected, orderNotice, ready } from './fake-exchange.js'
import { PlainClient } from './plain-client.js'

const count = 10_000
let serving: Subscription
afterAll(() => serving.unsubscribe())

/** All at once, as a login is told what it has missed. */
const bursting = {
  open: () => ({
    event$: concat(
      of(connected),
      from(Array.from({ length: count }, (_, i) => orderNotice({ order_no: String(i) }))),
      of(ready),
      NEVER,
    ),
  }),
} as unknown as ExchangeAdapter

it('a burst of 10,000 notices reaches a reader that reads, every one and in order, and it is not taken for slow', async () => {
  const events: GatewayEvent[] = []
  const platforms = new Map([['bursting', bursting]])
  const url = await new Promise<string>((resolve) => {
    serving = listen({ port: 0, platforms }).subscribe((event) => {
      events.push(event)
      if (event.type === 'listening') resolve(event.url)
    })
  })
  const clients = await Promise.all([1, 2, 3].map(() => PlainClient.open(url)))
  await Promise.all(clients.map((client, i) => client.login({ platform: 'bursting', access_key: `key-number-${i}` })))
  for (const client of clients) {
    const told = client.frames.filter(({ topic }) => topic === 'order').map(({ data }) => data.order_no)
    expect(told).toEqual(Array.from({ length: count }, (_, i) => String(i)))
    client.terminate()
  }
  expect(events.map(({ type }) => type)).not.toContain('disconnected')
}, 30_000)
