// What it costs to bring a frame to the one stream that waits for it, by the number of streams: each stream has one (token, topic).
import { Observable, type Subscriber } from 'rxjs'
import { multiplex } from '../../src/operators/index.js'
import { seededEntropy } from '../../src/time/index.js'

interface Frame {
  readonly token: string
  readonly topic: string
}

const FRAMES = 200_000

/** Nanoseconds a frame. */
function costNs(streams: number, way: 'parse' | 'route' | 'both'): number {
  const { uniform } = seededEntropy(1)
  const names = Array.from({ length: streams }, (_, n) => ({ token: `token-${n >> 2}`, topic: `topic${n & 3}` }))
  const data = { symbol: 'BTC/USDT', action: 'BUY', price: 42_000.5, quantity: 0.25, utime: 1_700_000_000_000 }
  const texts = Array.from({ length: 20_000 }, () =>
    JSON.stringify({ op: 'notify', ...names[Math.floor(uniform() * streams)], data }),
  )
  const frames = texts.map((text) => JSON.parse(text) as Frame)
  const sources: Subscriber<Frame>[] = []
  const routed = multiplex((frame: Frame) => `${frame.token} ${frame.topic}`)(
    new Observable<Frame>((subscriber) => void sources.push(subscriber)),
  )
  let delivered = 0
  for (const { token, topic } of names) routed.select(`${token} ${topic}`).subscribe(() => (delivered += 1))
  routed.connect()
  const source = sources[0] as Subscriber<Frame>

  const pass = (): number => {
    const started = performance.now()
    for (let n = 0; n < FRAMES; n++) {
      const at = n % texts.length
      const frame = way === 'route' ? (frames[at] as Frame) : (JSON.parse(texts[at] as string) as Frame)
      if (way === 'parse') delivered += 1
      else source.next(frame)
    }
    return ((performance.now() - started) * 1e6) / FRAMES
  }
  const bestNs = Math.min(...[pass(), pass(), pass()].slice(1))
  if (delivered !== 3 * FRAMES) throw new Error(`${delivered} of ${3 * FRAMES} frames were delivered`)
  return bestNs
}

/** Turn by turn and the best of each, so that what else the machine does falls on both. */
function compare(what: string, way: 'parse' | 'route' | 'both'): void {
  const few: number[] = []
  const many: number[] = []
  for (let round = 0; round < 5; round++) {
    few.push(costNs(10, way))
    many.push(costNs(10_000, way))
  }
  const [fewNs, manyNs] = [Math.min(...few), Math.min(...many)]
  const shown = [fewNs, manyNs].map((ns) => `${ns.toFixed(0)} ns`.padStart(8))
  console.log(`  ${what.padEnd(22)} ${shown.join(' ')}   ratio ${(manyNs / fewNs).toFixed(2)}`)
}

console.log('a frame, with 10 and with 10,000 streams (target of the ratio, receiving and routing: at most 1.1)')
compare('JSON.parse alone', 'parse')
compare('routing alone', 'route')
compare('JSON.parse and routing', 'both')
