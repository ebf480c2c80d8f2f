// The side that holds connections, in a process of its own so that nobody else's memory is counted. `echo`: a bare server of ws. `gateway`: ours, with
// paper exchanges and no market. `market`: ours, with as much of a market as is asked for.
import { type AddressInfo } from 'node:net'
import { EMPTY, interval, mergeMap, type Observable } from 'rxjs'
import { WebSocketServer } from 'ws'
import type { MarketEvent } from '../../src/market/index.js'
import { type MarketContext, startPaperGateway } from '../../src/gateway/index.js'

/** What the parent hears when it asks. In bytes. */
export interface Held {
  readonly connections: number
  /** Living objects and buffers, after a collection. */
  readonly living: number
  readonly resident: number
  /** Connections closed because they were not read, so far. */
  readonly cut: number
}

const [kind = 'echo', most = '11000', tradesPerSecond = '0', slowForMs = '1000'] = process.argv.slice(2)
const gc = (globalThis as { readonly gc?: () => void }).gc
const batchMs = 20

/** A quote that is taken again and again: trades, every one of which must be told to everybody, so nothing is spared by telling the newest only. */
const market = ({ platform, symbols, clock }: MarketContext): Observable<MarketEvent> => {
  if (platform !== 'huobi') return EMPTY
  const [symbol = ''] = symbols
  const trade = (i: number): MarketEvent[] => {
    const timestamp = clock.wall()
    const asks: [number, number][] = [[100 + (i % 2), 1]]
    return [
      { type: 'quote', symbol, asks, bids: [], timestamp },
      { type: 'take', symbol, action: 'BUY', price: 101, quantity: 1, timestamp },
    ]
  }
  return interval(batchMs).pipe(
    mergeMap(() => Array.from({ length: (Number(tradesPerSecond) * batchMs) / 1_000 })),
    mergeMap((_, i) => trade(i)),
  )
}

let connections = 0
let cut = 0

const start = async (): Promise<number> => {
  if (kind === 'echo') {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false, clientTracking: false })
    server.on('connection', (ws) => {
      connections++
      ws.on('message', (data: Buffer) => ws.send(data.toString()))
      ws.on('close', () => connections--)
    })
    await new Promise((resolve) => server.once('listening', resolve))
    return (server.address() as AddressInfo).port
  }
  const gateway = await startPaperGateway({
    ...{ port: 0, limits: { connections: Number(most), slowForMs: Number(slowForMs) } },
    market: kind === 'market' ? market : 'none',
  })
  gateway.event$.subscribe((event) => {
    if (event.type === 'login') connections++
    if (event.type === 'logout') connections--
    if (event.type === 'disconnected' && event.code === 4413) cut++
  })
  return gateway.port
}

const port = await start()
process.send?.({ port })
process.on('message', () => {
  for (let times = 0; times < 3; times++) gc?.()
  const { rss, heapUsed, external } = process.memoryUsage()
  process.send?.({ connections, living: heapUsed + external, resident: rss, cut } satisfies Held)
})
process.on('disconnect', () => process.exit(0))
