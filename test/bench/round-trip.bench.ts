// Request round trip over loopback, one request after the other. Baseline: a text sent through ws and echoed.
// Target of the design: at most 1.25 of the baseline's median.
import { once } from 'node:events'
import { lastValueFrom, type Observable } from 'rxjs'
import { WebSocket } from 'ws'
import { connect } from '../../src/client/index.js'
import { webSocket } from '../../src/transport/index.js'
import { compare, median, report } from './measure.js'
import { startPeer } from './peer-process.js'

const requests = Number(process.env['REQUESTS'] ?? 500)
// As long as the request of the client below, and not of the protocol, so that the peer echoes it.
const text = JSON.stringify({ echo: 'asset', cid: 'x'.repeat(24), token: 'token-0', padding: 'x'.repeat(8) })

const peer = await startPeer()

/** Microseconds, the median of a batch. */
const batch = (request: () => Promise<unknown>) => async (): Promise<number> => {
  const times: number[] = []
  for (let i = 0; i < requests; i++) {
    const start = performance.now()
    await request()
    times.push((performance.now() - start) * 1_000)
  }
  return median(times)
}
const opened = <T>(source: Observable<T>): Promise<T> =>
  new Promise((resolve, reject) => source.subscribe({ next: resolve, error: reject }))

const raw = new WebSocket(peer.url, { perMessageDeflate: false })
await once(raw, 'open')
let answered: (answer: unknown) => void = () => undefined
raw.on('message', (data) => answered((data as Buffer).toString()))
const rawEcho = (): Promise<unknown> => {
  const answer = new Promise((resolve) => (answered = resolve))
  raw.send(text)
  return answer
}

const connection = await opened(webSocket(peer.url))
connection.message$.subscribe((message) => answered(message))
const transportEcho = (): Promise<unknown> => {
  const answer = new Promise((resolve) => (answered = resolve))
  connection.send(text)
  return answer
}

const account = await opened(
  connect(peer.url).login({ platform: 'p', symbols: ['BTC/USDT'], access_key: 'k', secret_key: 's' }),
)
const query = (): Promise<unknown> => lastValueFrom(account.asset(), { defaultValue: undefined })
await query()

report(
  'request round trip, median (target 1.25)',
  'µs',
  await compare([
    { name: 'ws, echoed', run: batch(rawEcho) },
    { name: 'transport, echoed', run: batch(transportEcho) },
    { name: 'client, asset()', run: batch(query) },
  ]),
)
peer.end()
process.exit(0)
