// What it costs to bring a frame to the one stream that waits for it, by the number of streams: each stream has one (token, topic), and
// the next frame is for any of them. As the client does: by token first, then by topic. Beside it two Maps of callbacks do the same:
// what those pay for 10,000 streams is the memory's price, not ours.
import { randomBytes } from 'node:crypto'
import { Observable, type Subscriber } from 'rxjs'
import { multiplex } from '../../src/operators/index.js'
import { seededEntropy } from '../../src/time/index.js'

interface Frame {
  readonly token: string
  readonly topic: string
}

/** Takes one frame to its stream. */
type Way = (frame: Frame) => void
type MakeWay = (streams: readonly Frame[], deliver: () => (frame: Frame) => void) => Way

const FRAMES = 20_000
const ROUNDS = 60

const nowhere: MakeWay = (_streams, deliver) => deliver()

const bareMaps: MakeWay = (streams, deliver) => {
  const byToken = new Map<string, Map<string, Way>>()
  for (const { token, topic } of streams) {
    const byTopic = byToken.get(token) ?? new Map<string, Way>()
    byToken.set(token, byTopic.set(topic, deliver()))
  }
  return (frame) => byToken.get(frame.token)?.get(frame.topic)?.(frame)
}

const multiplexed: MakeWay = (streams, deliver) => {
  const sources: Subscriber<Frame>[] = []
  const byToken = multiplex((frame: Frame) => frame.token)(
    new Observable<Frame>((subscriber) => void sources.push(subscriber)),
  )
  for (const wanted of new Set(streams.map(({ token }) => token))) {
    const byTopic = multiplex((frame: Frame) => frame.topic)(byToken.select(wanted))
    for (const { token, topic } of streams) if (token === wanted) byTopic.select(topic).subscribe(deliver())
    byTopic.connect()
  }
  byToken.connect()
  const [source] = sources
  return (frame) => source?.next(frame)
}

/** Measures one way among so many streams; each call gives the nanoseconds of a frame, its parsing included. */
const measured = (streams: number, make: MakeWay): (() => number) => {
  const { uniform } = seededEntropy(1)
  // As long as real ones: the parser keeps short strings in a table of its own, and would look there for what we look for.
  const tokens = Array.from({ length: Math.ceil(streams / 4) }, () => randomBytes(16).toString('hex'))
  const names = Array.from({ length: streams }, (_, n) => ({ token: tokens[n >> 2] as string, topic: `topic${n & 3}` }))
  const data = { symbol: 'BTC/USDT', action: 'BUY', price: 42_000.5, quantity: 0.25, utime: 1_700_000_000_000 }
  const texts = Array.from({ length: FRAMES }, () =>
    JSON.stringify({ op: 'notify', ...names[Math.floor(uniform() * streams)], data }),
  )
  let delivered = 0
  const way = make(names, () => () => void (delivered += 1))
  return () => {
    delivered = 0
    const started = performance.now()
    for (let n = 0; n < FRAMES; n++) way(JSON.parse(texts[n % texts.length] as string) as Frame)
    const passedMs = performance.now() - started
    if (delivered !== FRAMES) throw new Error(`${delivered} of ${FRAMES} frames were delivered`)
    return (passedMs * 1e6) / FRAMES
  }
}

const ways = {
  'JSON.parse alone': nowhere,
  'and two bare Maps': bareMaps,
  'and multiplex, twice': multiplexed,
}
const contenders = Object.entries(ways).map(([name, make]) => {
  const [few, many] = [measured(10, make), measured(10_000, make)]
  return { name, few, many, fewNs: Infinity, manyNs: Infinity }
})
// Turn by turn, short ones, and the best of each: now and then one has the processor to itself.
for (let round = 0; round < ROUNDS; round++) {
  for (const contender of contenders) {
    contender.fewNs = Math.min(contender.fewNs, contender.few())
    contender.manyNs = Math.min(contender.manyNs, contender.many())
  }
}
console.log('a frame, with 10 and with 10,000 streams (target of the ratio, receiving and routing: at most 1.1)')
for (const { name, fewNs, manyNs } of contenders) {
  const shown = [fewNs, manyNs].map((ns) => `${ns.toFixed(0)} ns`.padStart(8))
  console.log(`  ${name.padEnd(22)} ${shown.join(' ')}   ratio ${(manyNs / fewNs).toFixed(2)}`)
}
