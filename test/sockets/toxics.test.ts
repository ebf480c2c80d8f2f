import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { filter } from 'rxjs'
import { build } from '../support/processes.js'
import { type TcpProxy, tcpProxy } from '../support/tcp-proxy.js'
import type { Talking } from '../support/talking.js'
import { type GatewayProcess, startGateway } from './gateway.js'
import { expectNoOrderTwiceNoneForgotten } from './invariants.js'
import { mixedOrders, showDepth, soon, storm, type Trader, trader } from './trader.js'

/** What the network does while orders are placed: told of each that has ended, and whether it is to be whole again. */
type Toxic = (proxy: TcpProxy, anna: Trader, gateway: Talking) => (ended: number) => void

/** Once, when twelve orders have ended; whole again when the client has seen so often that nobody is there. */
const untilSeen =
  (act: (proxy: TcpProxy, gateway: Talking) => void, times = 1): Toxic =>
  (proxy, anna, gateway) =>
  (ended) => {
    if (ended !== 12) return
    act(proxy, gateway)
    const seen$ = anna.client.status$.pipe(filter((status) => status._tag === 'Lost' && status.attempt >= times))
    void soon('a lost connection', seen$).then(() => {
      proxy.heal()
      gateway.signal('SIGCONT')
    })
  }

const toxics: Readonly<Record<string, Toxic>> = {
  latency: (proxy) => (ended) => {
    if (ended === 1) proxy.latency(40)
    if (ended === 30) proxy.latency(5, 'up')
  },
  'a slicer: every frame comes in pieces of a byte': (proxy) => (ended) => {
    if (ended === 1) proxy.slice(1)
  },
  // Twice: the gateway has not heard of the end of the first connection either, and takes the next login for a repeated one.
  'a black hole': untilSeen((proxy) => proxy.blackhole(), 2),
  'loss of all that goes up': untilSeen((proxy) => proxy.blackhole('up')),
  'loss of all that comes down': untilSeen((proxy) => proxy.blackhole('down')),
  'a server that stops reading': untilSeen((proxy) => proxy.stall('up')),
  'a gateway process that is stopped': untilSeen((_, gateway) => gateway.signal('SIGSTOP'), 2),
  'a reset in the middle of orders, again and again': (proxy) => (ended) => {
    if (ended % 8 === 0) proxy.resetPeer()
  },
  'a reset, and nobody who answers for a while': untilSeen((proxy) => {
    proxy.refuse()
    proxy.resetPeer()
  }, 3),
  ...Object.fromEntries(
    (['up', 'down'] as const).map((direction): [string, Toxic] => [
      `a connection that is cut after some bytes ${direction}, each after others`,
      (proxy, anna) => {
        let cuts = 0
        anna.client.status$.pipe(filter(({ _tag }) => _tag === 'Lost')).subscribe(() => {
          cuts++
          // Odd steps: the cuts fall on every part of a frame.
          if (cuts < 12) proxy.limitData(1_500 + ((cuts * 397) % 1_201), direction)
          else proxy.heal()
        })
        return (ended) => {
          if (ended === 6) proxy.limitData(1, direction)
        }
      },
    ]),
  ),
}

/** Those that a connection outlives. */
const harmless = new Set(['latency', 'a slicer: every frame comes in pieces of a byte'])

let gateway: GatewayProcess
let proxy: TcpProxy
let keys = 0

const world = (features: 'all' | 'none'): void => {
  let maker: Trader
  beforeAll(async () => {
    build()
    gateway = await startGateway({ features, limits: { deadAfterMs: 1_200 } })
    maker = await trader('the-key-of-the-maker', gateway)
    await showDepth(maker)
  }, 60_000)
  afterAll(async () => {
    await maker.leave()
    await gateway.process.kill()
  })
  beforeEach(async () => {
    proxy = await tcpProxy(gateway.port)
  })
  afterEach(() => proxy.close())
}

/** @param resolveWithinMs - how long proof of an order's fate is waited for */
const placedThrough = async (name: string, toxic: Toxic, resolveWithinMs: number) => {
  const anna = await trader(
    `the-key-of-anna-${++keys}`,
    { port: proxy.port, gatewayPort: gateway.port },
    { resolveWithinMs },
  )
  let losses = 0
  const losing = anna.client.status$.pipe(filter(({ _tag }) => _tag === 'Lost')).subscribe(() => losses++)
  const placed = await storm(anna.account, mixedOrders(40), toxic(proxy, anna, gateway.process))
  proxy.heal()
  losing.unsubscribe()
  expect(losses > 0).toBe(!harmless.has(name))
  await soon('to be tradable again', anna.account.tradable$.pipe(filter(Boolean)))
  const books = await expectNoOrderTwiceNoneForgotten(gateway, anna, placed)
  await anna.leave()
  const written = anna.written.flatMap(({ op, cid }) => (op === 'place_order' ? [cid] : []))
  return { placed, books, again: written.length - new Set(written).size }
}

describe('orders placed at our gateway while there is', () => {
  world('all')
  let sentAgain = 0

  it.each(Object.entries(toxics))(
    '%s: each is placed once, and gets its reply',
    async (name, toxic) => {
      const { placed, books, again } = await placedThrough(name, toxic, 10_000)
      expect(placed.filter(({ end }) => end._tag !== 'Done')).toEqual([])
      expect(books.open).toHaveLength(20)
      sentAgain += again
    },
    30_000,
  )

  it('those without a reply were sent again, with their old cid', () => expect(sentAgain).toBeGreaterThan(10))
})

describe('orders placed at a gateway without features while there is', () => {
  world('none')
  let unknown = 0

  it.each(Object.entries(toxics))(
    '%s: none is written twice, and what is not known is said',
    async (name, toxic) => {
      const { placed, books, again } = await placedThrough(name, toxic, 400)
      expect(again).toBe(0)
      expect(new Set(books.arrived).size).toBe(books.arrived.length)
      unknown += placed.filter(({ end }) => end._tag === 'Unresolved').length
    },
    30_000,
  )

  it('those without a reply ended Unresolved', () => expect(unknown).toBeGreaterThan(10))
})
