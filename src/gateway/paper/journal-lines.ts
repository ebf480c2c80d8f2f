import { readFileSync } from 'node:fs'
import type { EventLogMark } from './event-log-hash.js'
import type { ExchangeState } from '../../exchange/index.js'
import { JournalUnusable, type VenueEntry, type VenueLife, type VenueSnapshot } from './venue-journal.js'

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

const isEntry = (value: unknown): value is VenueEntry => {
  if (!isRecord(value)) return false
  switch (value.kind) {
    case 'command':
      return Number.isFinite(value.at) && isRecord(value.command) && typeof value.command.type === 'string'
    case 'reply':
      return typeof value.account === 'string' && isRecord(value.order)
    case 'if-killed':
      return typeof value.account === 'string' && Array.isArray(value.cancel)
    case 'history':
      return typeof value.account === 'string' && isRecord(value.history)
    default:
      return false
  }
}

const isLife = (value: unknown): value is VenueLife =>
  isRecord(value) &&
  typeof value.epoch === 'string' &&
  typeof value.idPrefix === 'string' &&
  typeof value.historyBase === 'number' &&
  typeof value.traded === 'string'

/** The second line of a snapshot: what the entries behind it are added to. */
interface Beginning {
  readonly kind: 'begins'
  readonly exchange: ExchangeState
  readonly eventLog: EventLogMark
}

const isBeginning = (value: unknown): value is Beginning =>
  isRecord(value) && value.kind === 'begins' && isRecord(value.exchange) && isRecord(value.eventLog)

/** The last line of a snapshot. */
const end = JSON.stringify({ kind: 'end' })

const parsed = (line: string): unknown => {
  try {
    return JSON.parse(line) as unknown
  } catch {
    return undefined
  }
}

/** The whole lines of a file, one by one: all of it may be more than a string can hold. */
function* linesOf(bytes: Buffer): IterableIterator<string> {
  let from = 0
  for (let to = bytes.indexOf(0x0a); to >= 0; to = bytes.indexOf(0x0a, from)) {
    yield bytes.toString('utf8', from, to)
    from = to + 1
  }
}

/** What a file of a journal holds. */
export interface Held {
  readonly life: VenueLife | undefined
  readonly begins: Beginning | undefined
  readonly entries: readonly VenueEntry[]
}

/** Reads a log, or throws JournalUnusable. A life stands in the first line alone, where there is no snapshot before it. */
export const readLog = (path: string): Held => {
  const entries: VenueEntry[] = []
  let life: VenueLife | undefined
  let nth = 0
  const bytes = readFileSync(path)
  if (bytes.length > 0 && bytes.at(-1) !== 0x0a) {
    throw new JournalUnusable(`${path} ends within a line; mend or move the folder`)
  }
  for (const line of linesOf(bytes)) {
    const value = parsed(line)
    nth++
    if (isEntry(value)) entries.push(value)
    else if (nth === 1 && isLife(value)) life = value
    else throw new JournalUnusable(`${path}, line ${nth} is no entry; mend or move the folder`)
  }
  return { life, begins: undefined, entries }
}

/** Reads a snapshot, or throws JournalUnusable. */
export const readSnapshot = (path: string): Held & { readonly life: VenueLife; readonly begins: Beginning } => {
  const lines = [...linesOf(readFileSync(path))]
  const [life, begins, ...entries] = lines.slice(0, -1).map(parsed)
  // It was renamed when it was whole: so somebody else has been at it.
  if (lines.at(-1) !== end || !isLife(life) || !isBeginning(begins) || !entries.every(isEntry)) {
    throw new JournalUnusable(`${path} is no whole snapshot; mend or move the folder`)
  }
  return { life, begins, entries }
}

export function* snapshotLines(
  life: VenueLife,
  { exchange, eventLog, entries }: VenueSnapshot,
): IterableIterator<string> {
  yield JSON.stringify(life)
  yield JSON.stringify({ kind: 'begins', exchange, eventLog } satisfies Beginning)
  for (const entry of entries) yield JSON.stringify(entry)
  yield end
}
