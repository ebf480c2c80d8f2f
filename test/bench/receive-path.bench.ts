// Receive path: a frame from the socket to its stream. Baseline: ws and JSON.parse, and nothing done with the result.
// Target: to the streams of an Account at least 0.65 of the baseline's frames per second.
import { once } from 'node:events'
import { map, mergeMap, merge, range, type Observable } from 'rxjs'
import { WebSocket } from 'ws'
import { connect } from '../../src/client/index.js'
import { multiplex } from '../../src/operators/index.js'
import { decodeFrame, type Notice, Ticker } from '../../src/protocol/index.js'
import { type Connection, webSocket } from '../../src/transport/index.js'
import { compare, type Contender, report } from './measure.js'
import { startPeer } from './peer-process.js'

const frames = Number(process.env['FRAMES'] ?? 20_000)
const topics = ['order', 'fill', 'position', 'asset', 'ticker']
const only = process.env['ONLY']

const peer = await startPeer()
let received = 0
let whenAll = (): void => undefined
const count = (): void => {
  if (++received === frames) whenAll()
}
/** Frames per second of the wall clock, or of the processor time of this process. */
const flood = async (connection: number): Promise<{ readonly wall: number; readonly cpu: number }> => {
  received = 0
  let tooLong: NodeJS.Timeout | undefined
  const all = new Promise<void>((resolve, reject) => {
    whenAll = resolve
    tooLong = setTimeout(() => reject(new Error(`${received} of ${frames} frames arrived`)), 20_000)
  })
  const cpu = process.cpuUsage()
  const start = performance.now()
  peer.flood({ connection, frames })
  await all
  clearTimeout(tooLong)
  const seconds = (performance.now() - start) / 1_000
  const { user, system } = process.cpuUsage(cpu)
  return { wall: frames / seconds, cpu: frames / ((user + system) / 1e6) }
}

/** 0: ws and JSON.parse. */
const raw = new WebSocket(peer.url, { perMessageDeflate: false })
await once(raw, 'open')
raw.on('message', (data) => {
  JSON.parse((data as Buffer).toString())
  count()
})

/** 1: the transport alone. */
const opened = <T extends { readonly message$: Observable<unknown> }>(source: Observable<T>): Promise<T> =>
  new Promise((resolve, reject) => source.subscribe({ next: resolve, error: reject }))
const bare = await opened(webSocket(peer.url))
bare.message$.subscribe((message) => {
  JSON.parse(message as string)
  count()
})

/** 2: transport, decodeFrame, and the way to the streams of ten logins with five topics each: by token, then by topic, as in the client. */
const routed: Connection = await opened(webSocket(peer.url))
const byToken = multiplex((frame: Notice) => frame.token)(
  routed.message$.pipe(
    map((message) => {
      const decoded = decodeFrame(message)
      if (decoded._tag === 'Left') throw decoded.left
      return decoded.right as Notice
    }),
  ),
)
for (let login = 0; login < 10; login++) {
  const byTopic = multiplex((notice: Notice) => notice.topic)(byToken.select(`token-${login}`))
  for (const topic of topics) byTopic.select(topic).subscribe(count)
  byTopic.connect()
}
byToken.connect()

/** 3: the whole client, ten logins, all their streams subscribed to. */
const gateway = connect(peer.url)
await new Promise<void>((resolve) => {
  let subscribed = 0
  range(10)
    .pipe(
      mergeMap((i) =>
        gateway.login(
          { platform: `p${i}`, symbols: ['BTC/USDT'], access_key: `k${i}`, secret_key: 's' },
          { market: ['ticker'] },
        ),
      ),
      mergeMap((account) => {
        if (++subscribed === 10) queueMicrotask(resolve)
        return merge(account.order$, account.fill$, account.asset$, account.topic$('ticker', Ticker))
      }),
    )
    .subscribe({ next: count, error: console.error })
})

const contenders: [Contender, ...Contender[]] = [
  { name: 'ws + JSON.parse', run: () => 0 },
  { name: 'transport + JSON.parse', run: () => 0 },
  { name: 'transport, decodeFrame, route', run: () => 0 },
  { name: 'client, to the streams of an Account', run: () => 0 },
]
for (const measure of ['cpu', 'wall'] as const) {
  const each = contenders.map(({ name }, i) => ({ name, run: async () => (await flood(i))[measure] }))
  if (only !== undefined) {
    // For a profiler: one of them alone.
    for (let i = 0; i < 20; i++) await each[Number(only)]!.run()
    break
  }
  report(
    `receive path, ${measure === 'wall' ? 'by the wall clock' : 'by processor time of the receiver'} (target 0.65)`,
    'frames/s',
    await compare(each as typeof contenders, { rounds: 31 }),
  )
}
peer.end()
process.exit(0)
