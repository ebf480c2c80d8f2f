import { Dice } from '../simulation/dice.js'
import { complaint } from './expected.js'
import { type Knowledge, nextFrame } from './frames.js'
import { type MemoryClient, MemoryGateway } from './memory-gateway.js'
import { politeVisit } from './polite.js'
import { Stopwatch } from './stopwatch.js'
import { setTraps } from './traps.js'

export interface FuzzOptions {
  readonly seed: number
  readonly frames: number
  /** How long one frame may take, in ms. @default 50 */
  readonly stallMs?: number
}

export interface FuzzResult {
  readonly frames: number
  /** What the gateway did that it must not, each with what it was asked; at most a few. */
  readonly failures: readonly string[]
  /** How often what was answered: whether deep states were reached. */
  readonly answers: ReadonlyMap<string, number>
  /** The longest that one frame took, in ms: see {@link Stopwatch}. */
  readonly slowestMs: number
}

const clientCount = 12
const enough = 5
/** In the pools of what is known: the newest are the likeliest to mean something. */
const newest = 200

interface Seat {
  client: MemoryClient
  tokens: string[]
}

const keep = (pool: string[], value: unknown): void => {
  if (typeof value !== 'string' || value === '') return
  pool.push(value)
  if (pool.length > newest) pool.splice(0, newest / 2)
}

const shown = (frame: string | Uint8Array): string =>
  typeof frame === 'string' ? JSON.stringify(frame.slice(0, 500)) : `bytes ${Buffer.from(frame).toString('hex')}`

/**
 * Sends hostile and honest frames to a gateway in memory, and looks at each answer. The same seed sends the same frames.
 *
 * @returns what was found; it goes on after a failure, up to a few
 */
export const fuzzMemory = async ({ seed, frames, stallMs = 50 }: FuzzOptions): Promise<FuzzResult> => {
  const dice = new Dice(seed)
  const failures: string[] = []
  const answers = new Map<string, number>()
  const traps = setTraps()
  const gateway = new MemoryGateway()
  const seat = (): Seat => ({ client: gateway.connect(), tokens: [] })
  const seats = Array.from({ length: clientCount }, seat)
  const orders: string[] = []
  const cids: string[] = []
  const watch = new Stopwatch()
  let visits = 0
  let sent = 0

  const learn = (from: Seat, text: string) => {
    const frame = JSON.parse(text) as Readonly<Record<string, unknown>>
    const { op, result, unknown } = frame
    const end = result === undefined ? [] : [result === true ? 'done' : unknown === true ? 'unknown' : 'refused']
    const kind = [op, ...(op === 'notify' ? [frame.topic] : []), ...end].join(' ')
    answers.set(kind, (answers.get(kind) ?? 0) + 1)
    if (op === 'login' && result === true) from.tokens.push(String(frame['token']))
    if (op === 'place_order') {
      keep(orders, frame['order_no'])
      keep(cids, frame['cid'])
    }
  }
  const visit = async (): Promise<void> => {
    const client = gateway.connect()
    const ask = (frame: object) =>
      Promise.resolve(client.send(JSON.stringify(frame)).map((text) => JSON.parse(text) as Record<string, unknown>))
    const wrong = await politeVisit(ask, ++visits)
    client.hangUp()
    failures.push(...wrong.map((words) => `after ${sent} frames a polite client: ${words}`))
    for (const platform of gateway.platforms.values()) failures.push(...platform.exchange.audit().map(String))
  }

  try {
    while (sent < frames && failures.length < enough) {
      const from = dice.pick(seats)
      if (from.client.closed() !== undefined) {
        if (from.client.closed() === 1011) failures.push('closed a connection with 1011: it failed')
        Object.assign(from, seat())
      }
      const knowledge: Knowledge = { tokens: from.tokens, orders, cids, now: gateway.clock.wall() }
      const frame = nextFrame(dice, knowledge)
      watch.start()
      const got = from.client.send(frame)
      const tookMs = watch.stop()
      sent++
      const wrong: string[] = []
      if (tookMs > stallMs) wrong.push(`stalled for ${tookMs.toFixed(1)} ms`)
      const words = complaint(frame, got)
      if (words !== undefined) wrong.push(words)
      wrong.push(...traps.sprung())
      if (sent % 1_000 === 0) wrong.push(...traps.changed())
      if (gateway.faults.length > 0)
        wrong.push(...gateway.faults.splice(0).map((fault) => `fault: ${JSON.stringify(fault)}`))
      if (wrong.length > 0) failures.push(`frame ${sent} (seed ${seed}): ${wrong.join('; ')}, for ${shown(frame)}`)
      else for (const text of got) learn(from, text)
      if (got.some((text) => text.startsWith('{"op":"logout"') && text.includes('"result":true')))
        from.tokens.length = 0
      // Clients come and go; and time passes, faster than a flood may come and slower than silence kills.
      if (dice.chance(0.0005)) from.client.hangUp()
      if (dice.chance(0.3)) gateway.scheduler.advanceBy(dice.int(1, 10))
      if (sent % 10_000 === 0) await visit()
    }
    await visit()
    gateway.stop()
  } finally {
    traps.remove()
  }
  return { frames: sent, failures, answers, slowestMs: watch.slowestMs }
}
