import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import type { OrderRequest } from '../../src/client/index.js'
import { build } from '../support/processes.js'
import { type TcpProxy, tcpProxy } from '../support/tcp-proxy.js'
import type { Talking } from '../support/talking.js'
import { place, startClient, tradable, viewsLike } from './client.js'
import { type GatewayLife, type GatewayProcess, startGateway } from './gateway.js'
import { limit, market, showDepth, type Trader, trader } from './trader.js'

let folder: string
let gateway: GatewayProcess
let proxy: TcpProxy
let maker: Trader
const clients: Talking[] = []

beforeAll(() => build(), 60_000)
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rxquant-sockets-'))
})
afterEach(async () => {
  for (const client of clients.splice(0)) await client.kill()
  await maker.leave()
  await proxy.close()
  await gateway.process.kill()
  rmSync(folder, { recursive: true })
})

const journal = () => join(folder, 'orders.ndjson')
const began = (exclusiveAccount: boolean): Talking => {
  const life = { port: proxy.port, gatewayPort: gateway.port, access_key: 'the-key-of-anna', journal: journal() }
  const client = startClient({ ...life, exclusiveAccount })
  clients.push(client)
  return client
}

/** A client process is killed when the gateway has taken its order and the reply is lost on the way; another is started on its journal. */
const killedWithAnOrder = async (order: OrderRequest, life: GatewayLife, exclusiveAccount = false) => {
  gateway = await startGateway(life)
  maker = await trader('the-key-of-the-maker', gateway)
  await showDepth(maker)
  proxy = await tcpProxy(gateway.port)
  const first = began(exclusiveAccount)
  await tradable(first, 0)
  proxy.blackhole('down')
  const taken = gateway.process.says('accepted')
  await place(first, order)
  const { cid } = await taken
  await first.kill()
  proxy.heal()
  const second = began(exclusiveAccount)
  const known = await second.says('unresolved', { after: 0 })
  return { cid, second, known }
}
const settled = (client: Talking) =>
  client.says('unresolved', { after: 0, where: ({ cids }) => (cids as string[]).length === 0 })
const written = (client: Talking) => client.heard.filter(({ kind }) => kind === 'written').map(({ cid }) => cid)

describe('a client process that is killed with an order unresolved, and started again on its order journal', () => {
  it('knows the order, and has it settled by our gateway: it is written again with its cid, and traded once', async () => {
    const { cid, second, known } = await killedWithAnOrder(market, {})
    expect(known).toMatchObject({ cids: [cid], requests: [market] })
    await settled(second)
    expect(written(second)).toEqual([cid])
    const books = await gateway.books('the-key-of-anna')
    expect(books).toMatchObject({ orders: 2, arrived: { length: 2 }, faults: [] })
    expect(books.assets['USDT']?.total).toBe(9_999_400)
    await viewsLike(second, books)
    expect(readFileSync(journal(), 'utf8').trim().split('\n').at(-1)).toContain('"fate":"placed"')
    await second.kill()
    // Settled once and for all.
    expect(await began(false).says('unresolved', { after: 0 })).toMatchObject({ cids: [] })
  }, 30_000)

  it('knows the order at a gateway without features, and finds it by its looks where nobody else trades the account', async () => {
    const { cid, second, known } = await killedWithAnOrder(limit, { features: 'none' }, true)
    expect(known).toMatchObject({ cids: [cid], requests: [limit] })
    await settled(second)
    expect(written(second)).toEqual([])
    const books = await gateway.books('the-key-of-anna')
    expect(books).toMatchObject({ orders: 2, arrived: { length: 2 }, open: [{}], faults: [] })
    await viewsLike(second, books)
  }, 30_000)

  it('knows a MARKET order at a gateway without features, which nothing proves: it stays unresolved, and is not written again', async () => {
    const { cid, second, known } = await killedWithAnOrder(market, { features: 'none' })
    expect(known).toMatchObject({ cids: [cid] })
    await tradable(second, 0)
    const books = await gateway.books('the-key-of-anna')
    expect(books).toMatchObject({ orders: 2, arrived: { length: 2 }, open: [], faults: [] })
    // Its looking around is over when its views are.
    await viewsLike(second, books)
    expect(second.heard.filter(({ kind }) => kind === 'unresolved').at(-1)).toMatchObject({ cids: [cid] })
    expect(written(second)).toEqual([])
  }, 30_000)
})
