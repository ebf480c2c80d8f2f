import { formatMs } from '../notation/duration.js'
import { runScenario } from '../run/run-scenario.js'
import type { LaneRecord } from '../record/lane-record.js'
import type { ScenarioRun } from '../run/scenario-run.js'
import { commandText, isLoose, type Loose, noticeText, replyText, requestWord } from './draft-words.js'
import { type RecordLine, readRecording } from './record.js'
import { replay, replayWords, type ReplayedLogin } from './replay.js'

/** Settings of {@link draftDiagram}. */
export interface DraftOptions {
  /** @default 'What was recorded' */
  readonly title?: string
  /** True to include market data: much, and the replay does not need it. @default false */
  readonly market?: boolean
}

/** A drafted diagram module. */
export interface Draft {
  /** The module, as TypeScript. */
  readonly source: string
  /** Differences between replay and recording, and omissions. */
  readonly notes: readonly string[]
  /** True if the draft ran and passed. */
  readonly passed: boolean
}

interface Written {
  readonly atMs: number
  readonly text: string
}

const marketTopics = new Set<unknown>(['trade', 'ticker', 'orderbook', 'kline'])

/**
 * The client asks by itself after it has come back: so soon after READY that the strategy cannot
 * have asked.
 */
const byItselfWithinMs = 5

/** Content of a recording, sorted into lanes. */
class Sorting {
  readonly logins = new Map<string, ReplayedLogin>()
  readonly commands = new Map<string, Written[]>()
  readonly replies = new Map<string, Written[]>()
  readonly servers = new Map<number, Written[]>()
  /** Frames of the client, in order. */
  readonly sent: string[] = []
  readonly notes = new Set<string>()
  untilMs = 0
  readonly #startMs: number
  readonly #market: boolean
  readonly #dialledMs = new Map<number, number>()
  readonly #opened = new Set<number>()
  readonly #platformOf = new Map<unknown, string>()
  readonly #asked = new Map<string, { readonly lane: string; readonly atMs: number; readonly frame: Loose }>()
  readonly #counts = new Map<string, number>()
  readonly #readyMs = new Map<string, number>()

  constructor(lines: readonly RecordLine[], market: boolean) {
    this.#market = market
    this.#startMs = lines[0]?.t ?? 0
    // The replies to the logins assign tokens; notices may come before them.
    const asking = new Map<string, string>()
    for (const line of lines) {
      if (!('frame' in line) || !isLoose(line.frame) || line.frame.op !== 'login') continue
      const key = `${line.connection} ${String(line.frame.cid)}`
      if (line.direction === 'out') asking.set(key, String(line.frame.platform))
      else if (line.frame.result === true) this.#platformOf.set(line.frame.token, asking.get(key) ?? '')
    }
    const leaving = lines.find((line) => 'frame' in line && isLoose(line.frame) && line.frame.op === 'logout')
    this.untilMs = this.#ms((leaving ?? lines[lines.length - 1])?.t ?? 0) + (leaving === undefined ? 1 : 0)
    for (const line of lines) {
      // What happens in the millisecond of the logout belongs to the leaving.
      if (leaving !== undefined && (line === leaving || this.#ms(line.t) >= this.untilMs)) break
      this.#take(line)
    }
  }

  #ms(t: number): number {
    return Math.round(t - this.#startMs)
  }

  #write(lanes: Map<string, Written[]> | Map<number, Written[]>, lane: string | number, written: Written): void {
    const all = lanes as Map<string | number, Written[]>
    all.set(lane, [...(all.get(lane) ?? []), written])
  }

  #serverMs(connection: number, atMs: number): number {
    return atMs - (this.#dialledMs.get(connection) ?? 0)
  }

  #take(line: RecordLine): void {
    const { connection } = line
    const atMs = this.#ms(line.t)
    const say = (text: string) => {
      this.#write(this.servers, connection, { atMs: this.#serverMs(connection, atMs), text })
    }
    if ('event' in line) {
      if (line.event === 'dialled') this.#dialledMs.set(connection, atMs)
      else if (line.event === 'opened') {
        this.#opened.add(connection)
        if (this.#serverMs(connection, atMs) > 0) say('^')
      } else if (line.by === 'them') {
        const { code = 1006, reason = '' } = line
        if (!this.#opened.has(connection)) say('#refused')
        else say(code === 1006 ? '#lost' : `#closed(${code}${reason === '' ? '' : `, ${JSON.stringify(reason)}`})`)
      }
      return
    }
    if ('unreadable' in line) {
      if (line.direction === 'in') say("raw('(unreadable)')")
      return
    }
    if (!isLoose(line.frame)) return
    if (line.direction === 'out') this.#takeRequest(line.frame, connection, atMs)
    else this.#takeAnswer(line.frame, connection, atMs, say)
  }

  #takeRequest(frame: Loose, connection: number, atMs: number): void {
    const op = String(frame.op)
    if (op === 'ping') return
    const platform = op === 'login' ? String(frame.platform) : (this.#platformOf.get(frame.token) ?? '')
    const name = op === 'login' ? `login(${platform})` : `${platform}:${requestWord(op)}`
    const nth = (this.#counts.get(name) ?? 0) + 1
    this.#counts.set(name, nth)
    this.#asked.set(`${connection} ${String(frame.cid)}`, { lane: `${name}#${nth} →`, atMs, frame })
    this.sent.push(op === 'login' ? name : requestWord(op))
    if (op === 'login') {
      if (this.logins.has(platform)) return
      const market = Array.isArray(frame.market) ? { market: frame.market as NonNullable<ReplayedLogin['market']> } : {}
      const symbols = Array.isArray(frame.symbols) ? frame.symbols.map(String) : []
      this.logins.set(platform, { symbols, ...(atMs === 0 ? {} : { atMs }), ...market })
      return
    }
    const readyMs = this.#readyMs.get(platform)
    if (connection > 1 && readyMs !== undefined && atMs - readyMs <= byItselfWithinMs && op !== 'place_order') return
    const text = commandText(frame, this.logins.get(platform)?.symbols[0])
    if (text === undefined) this.notes.add(`a ${op} that no lane can say was left out`)
    else this.#write(this.commands, `commands(${platform})`, { atMs, text })
  }

  #takeAnswer(frame: Loose, connection: number, atMs: number, say: (text: string) => void): void {
    const { cid } = frame
    const asked = typeof cid === 'string' ? this.#asked.get(`${connection} ${cid}`) : undefined
    if (asked !== undefined && typeof frame.result === 'boolean') {
      const before = this.replies.get(asked.lane) ?? []
      if (before.length > 0) this.notes.add('a reply that came twice is replayed once')
      else this.#write(this.replies, asked.lane, { atMs: Math.max(0, atMs - asked.atMs), text: replyText(frame) })
      return
    }
    if (marketTopics.has(frame.topic) && !this.#market) {
      this.notes.add('market data was left out: the commands are replayed, not the strategy')
      return
    }
    const platform = this.#platformOf.get(frame.token)
    const text = noticeText(frame)
    if (text === undefined) return
    if (platform !== undefined && text.startsWith('ready')) this.#readyMs.set(platform, atMs)
    say(this.#platformOf.size > 1 && platform !== undefined ? `${platform}:${text}` : text)
  }
}

const page = 110

/**
 * One lane as text: gaps between instants, several events of one instant in parentheses, long lanes
 * over several lines.
 */
const laneText = (name: string, events: readonly Written[], width: number, qualifier = ''): string => {
  const instants = new Map<number, string[]>()
  for (const { atMs, text } of events) instants.set(atMs, [...(instants.get(atMs) ?? []), text])
  const pieces: string[] = []
  let nowMs = 0
  for (const [atMs, texts] of [...instants].sort(([a], [b]) => a - b)) {
    const gap = atMs > nowMs ? [formatMs(atMs - nowMs)] : []
    nowMs = atMs
    pieces.push([...gap, texts.length > 1 ? `(${texts.join(' ')})` : texts[0]].join(' '))
  }
  const lines: string[] = []
  let line = `${name}${qualifier}`.padEnd(width)
  for (const piece of pieces) {
    if (line.length + 2 + piece.length > page && line.trim() !== name) {
      lines.push(line)
      line = ' '.repeat(width)
    }
    line += `  ${piece}`
  }
  return [...lines, line].map((each) => each.trimEnd()).join('\n')
}

const toWritten = (run: ScenarioRun, records: readonly LaneRecord[]): Written[] =>
  records.map((record) => ({ atMs: record.atMs, text: run.label(record) }))

const outputsOf = (logins: ReadonlyMap<string, ReplayedLogin>): string[] =>
  [...logins.keys()].flatMap((platform) => ['ready', 'orders', 'fills'].map((what) => `${what}(${platform})`))

const compareSent = (recorded: readonly string[], replayed: readonly string[]): string[] => {
  const count = (all: readonly string[]) => {
    const counts = new Map<string, number>()
    for (const each of all) counts.set(each, (counts.get(each) ?? 0) + 1)
    return counts
  }
  const [before, after] = [count(recorded), count(replayed)]
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((word) => {
    const [then, now] = [before.get(word) ?? 0, after.get(word) ?? 0]
    return then === now ? [] : [`the client sent ${word} ${then} times in the recording and ${now} times in the replay`]
  })
}

/**
 * Drafts a diagram module from a recording: what the server said becomes its lanes, what the client
 * was asked for becomes commands, and the frames and notices of the replay become the lanes that
 * are asserted. The draft is run before it is handed out.
 *
 * Times are rounded to the millisecond; ids, jitter and clocks are those of the kit, so that after
 * a lost connection the replay may come back at another instant than the recording did.
 */
export const draftDiagram = (
  recording: string,
  { title = 'What was recorded', market = false }: DraftOptions = {},
): Draft => {
  const lines = readRecording(recording)
  if (!lines.some((line) => 'frame' in line)) throw new TypeError('there is no frame in this recording')
  const sorting = new Sorting(lines, market)
  const { logins, untilMs } = sorting
  const run = replay(Object.fromEntries(logins))
  const values = { yes: true, no: false }

  const given: (readonly [string, readonly Written[]])[] = [
    ...sorting.commands,
    ...sorting.replies,
    ...[...sorting.servers].map(([connection, events]) => [`server#${connection}`, events] as const),
  ]
  const outputs = outputsOf(logins)
  const width =
    Math.max(...[...given.map(([name]) => name), ...outputs].map(({ length }) => length), 'server#1'.length) + 9
  const fixed = given.map(([name, events]) => laneText(name, events, width))
  const blank = ['client', ...outputs].map((name) => `${name} [silent]`)
  // The lanes that are asserted come out of a first run: a draft says what is, and its reader what
  // should be.
  const first = runScenario({
    lanes: [...fixed, ...blank].join('\n'),
    words: replayWords,
    untilMs,
    run,
  })
  const seen = (name: string): readonly LaneRecord[] => first.lanes.find((lane) => lane.name === name)?.records ?? []
  const sent = toWritten(first, seen('client'))
  const asserted = ['client', ...outputs].map((name) => {
    const events = toWritten(first, seen(name)).map(({ atMs, text }) => ({
      atMs,
      text: name.startsWith('ready(')
        ? text === 'true'
          ? 'yes'
          : 'no'
        : name === 'client'
          ? text
          : JSON.stringify(text),
    }))
    return laneText(name, events, width, events.length === 0 ? ' [silent]' : '')
  })
  const lanes = [...fixed, ...asserted].join('\n')
  const saysReady = outputs.some((name) => name.startsWith('ready(') && seen(name).length > 0)
  const used = Object.fromEntries(Object.entries(values).filter(([name]) => new RegExp(`\\b${name}\\b`).test(lanes)))
  const second = runScenario({ lanes, words: replayWords, ...(saysReady ? { values: used } : {}), untilMs, run })
  const notes = [
    ...sorting.notes,
    ...compareSent(
      sorting.sent,
      sent.map(({ text }) => (text.startsWith('login') ? text : (/^\w+/.exec(text)?.[0] ?? text))),
    ),
    ...second.faults.map(({ message }) => message),
  ]
  return {
    source: moduleText({ title, notes, lanes, values: saysReady ? used : {}, untilMs, logins }),
    notes,
    passed: second.passed,
  }
}

const moduleText = (draft: {
  readonly title: string
  readonly notes: readonly string[]
  readonly lanes: string
  readonly values: Readonly<Record<string, unknown>>
  readonly untilMs: number
  readonly logins: ReadonlyMap<string, ReplayedLogin>
}): string => {
  const template = (text: string) => text.replace(/[\\`]|\$\{/g, '\\$&')
  const lanes = template(draft.lanes)
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n')
  const logins = [...draft.logins].map(
    ([platform, login]) => `    ${JSON.stringify(platform)}: ${JSON.stringify(login)},`,
  )
  const values = Object.keys(draft.values).length === 0 ? '' : `  values: ${JSON.stringify(draft.values)},\n`
  return `import { diagram, replay, replayWords } from 'rxquant/testing'

// Drafted from a recording by \`rxquant marbles from-log\`. The lanes that are asserted (client,
// ready, orders, fills) say what the replay did; make them say what it should have done.
${draft.notes.map((note) => `// - ${note.replace(/\s+/g, ' ')}\n`).join('')}export default diagram({
  title: ${JSON.stringify(draft.title)},
  text: 'Drafted from a recording.',
  lanes: \`
${lanes}\`,
${values}  words: replayWords,
  untilMs: ${draft.untilMs},
  run: replay({
${logins.join('\n')}
  }),
})
`
}
