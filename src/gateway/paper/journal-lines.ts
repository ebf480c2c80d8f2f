import type { ExchangeState } from '../../exchange/index.js'
import type { EventLogMark } from './event-log-hash.js'
import type { VenueEntry, VenueLife, VenueSnapshot } from './venue-journal.js'

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isWords = (value: unknown): boolean => Array.isArray(value) && value.every((each) => typeof each === 'string')

const isNotice = (value: unknown): boolean =>
  isRecord(value) &&
  (value.topic === 'order' || value.topic === 'fill') &&
  isRecord(value.data) &&
  Number.isSafeInteger(value.data.seq)

const isHistory = (value: unknown): boolean =>
  isRecord(value) && Number.isSafeInteger(value.seq) && Array.isArray(value.notices) && value.notices.every(isNotice)

const isRemembered = (value: unknown): boolean =>
  isRecord(value) && typeof value.cid === 'string' && Number.isFinite(value.at) && isRecord(value.reply)

export const isEntry = (value: unknown): value is VenueEntry => {
  if (!isRecord(value)) return false
  switch (value.kind) {
    case 'command':
      return (
        Number.isFinite(value.at) &&
        (value.marketAt === undefined || Number.isFinite(value.marketAt)) &&
        isRecord(value.command) &&
        typeof value.command.type === 'string' &&
        typeof value.command.account === 'string'
      )
    case 'reply':
      return typeof value.account === 'string' && isRemembered(value.order)
    case 'if-killed':
      return typeof value.account === 'string' && isWords(value.cancel)
    case 'history':
      return typeof value.account === 'string' && isHistory(value.history)
    default:
      return false
  }
}

export const isLife = (value: unknown): value is VenueLife =>
  isRecord(value) &&
  typeof value.epoch === 'string' &&
  typeof value.idPrefix === 'string' &&
  typeof value.historyBase === 'number' &&
  typeof value.traded === 'string'

/**
 * The second line of a snapshot: what the entries behind it are added to. Without an exchange they
 * are added to a new one.
 */
export interface Beginning {
  readonly kind: 'begins'
  readonly exchange: ExchangeState
  readonly eventLog: EventLogMark
}

const isBeginning = (value: unknown): value is Beginning =>
  isRecord(value) && value.kind === 'begins' && isRecord(value.exchange) && isRecord(value.eventLog)

/** First line of each file, as it is now: which file it is. */
export interface FileHeader {
  readonly kind: 'log' | 'snapshot'
  readonly version: 2
  /** Number in its name. */
  readonly generation: number
  /** Of a snapshot, and of a log that begins a journal. */
  readonly life?: VenueLife
  /** Of a log that goes on from a snapshot: the checksum of the snapshot's last line. */
  readonly after?: string
}

export const isHeader = (value: unknown): value is FileHeader =>
  isRecord(value) &&
  (value.kind === 'log' || value.kind === 'snapshot') &&
  value.version === 2 &&
  Number.isSafeInteger(value.generation) &&
  (isLife(value.life) || (value.kind === 'log' && typeof value.after === 'string'))

/** The last line of a snapshot. */
const end = JSON.stringify({ kind: 'end' })

export const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

/** Entries of all files of a journal together. */
export interface Held {
  readonly life: VenueLife | undefined
  readonly begins: Beginning | undefined
  readonly entries: readonly VenueEntry[]
}

/** Takes the lines of a log behind its header one by one; says what is wrong with one. */
export class LogReader {
  readonly entries: VenueEntry[] = []

  take(text: string): string | undefined {
    const value = parsed(text)
    if (!isEntry(value)) return 'it is no entry of a journal'
    this.entries.push(value)
    return undefined
  }
}

/**
 * Takes the lines of a snapshot behind its header, or behind its life in one of version 0.1; says
 * what is wrong with one.
 */
export class SnapshotReader {
  begins: Beginning | undefined
  readonly entries: VenueEntry[] = []
  isWhole = false
  #isFirst = true

  take(text: string): string | undefined {
    if (this.isWhole) return 'it stands behind the last line of the snapshot'
    if (text === end) {
      this.isWhole = true
      return undefined
    }
    const value = parsed(text)
    if (this.#isFirst && isRecord(value) && value.kind === 'begins') {
      if ('exchange' in value && !isBeginning(value)) return 'it is no state of an exchange'
      this.begins = isBeginning(value) ? value : undefined
    } else if (this.#isFirst) {
      return 'it is no state of an exchange'
    } else if (isEntry(value)) {
      this.entries.push(value)
    } else {
      return 'it is no entry of a journal'
    }
    this.#isFirst = false
    return undefined
  }
}

/** The payloads of a snapshot, its header among them. */
export function* snapshotLines(
  generation: number,
  life: VenueLife,
  { exchange, eventLog, entries }: Partial<VenueSnapshot> & Pick<VenueSnapshot, 'entries'>,
): IterableIterator<string> {
  yield JSON.stringify({ kind: 'snapshot', version: 2, generation, life } satisfies FileHeader)
  yield JSON.stringify({ kind: 'begins', exchange, eventLog })
  for (const entry of entries) yield JSON.stringify(entry)
  yield end
}
