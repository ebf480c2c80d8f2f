import type { OrderJournalEntry } from '../client/index.js'
import {
  encodeLines,
  isPlain,
  type LinePosition,
  LinesDamaged,
  noLines,
  readLines,
  readPlainLines,
} from '../disk/index.js'
import { decodeEntry } from './entry-codec.js'

/** A journal's file was changed, and not at its end, where a torn write would be. */
export class JournalDamaged extends Error {
  readonly _tag = 'JournalDamaged'
  override readonly name = 'JournalDamaged'

  constructor(path: string, line: number, why: string) {
    super(
      `${path}, line ${line}: ${why}; it may hold orders whose outcome is not known: put back a copy of the file, or run \`rxquant journal repair ${path}\``,
    )
  }
}

/** Content of an order journal's file. */
export interface OrderJournalContent {
  readonly entries: readonly OrderJournalEntry[]
  readonly position: LinePosition
  /** Bytes of the whole lines; what stands behind them is a torn line. */
  readonly whole: number
  readonly torn: number
  /** Written by version 0.1, without numbers and checksums. */
  readonly isPlain: boolean
}

/**
 * Payload of the first line of a file that begins with these entries. Cids are random, so that it
 * is another in each file and no line of another file fits behind it.
 */
export const newHeader = (entries: readonly OrderJournalEntry[]): string =>
  JSON.stringify({
    ...{ kind: 'journal', of: 'intents', version: 2 },
    id: [entries.length, entries[0]?.cid, entries.at(-1)?.cid].join(' '),
  })

export const faultOfHeader = (payload: string): string | undefined => {
  try {
    const { kind, of, version } = JSON.parse(payload) as Record<string, unknown>
    if (kind === 'journal' && of === 'intents')
      return version === 2 ? undefined : `it was written by another version (format ${String(version)})`
  } catch {
    // No JSON.
  }
  return 'it is not the first line of an order journal'
}

/** The lines of a new file. */
export const orderJournalLines = (
  entries: readonly OrderJournalEntry[],
  onEnd: (position: LinePosition) => void,
): Iterable<string> => {
  const payloads = function* (): IterableIterator<string> {
    yield newHeader(entries)
    for (const entry of entries) yield JSON.stringify(entry)
  }
  return encodeLines(payloads(), onEnd)
}

/** Reads the bytes of a journal's file. @throws LinesDamaged */
export const parseOrderJournal = (path: string, bytes: Uint8Array): OrderJournalContent => {
  const entries: OrderJournalEntry[] = []
  const take = (text: string): string | undefined => {
    const decoded = decodeEntry(text)
    if (decoded._tag === 'Left') return decoded.left
    entries.push(decoded.right)
    return undefined
  }
  if (isPlain(bytes)) {
    const read = readPlainLines(path, bytes, take)
    return { entries, position: noLines, ...read, isPlain: true }
  }
  const read = readLines(path, bytes, (text, line) => (line === 1 ? faultOfHeader(text) : take(text)))
  return { entries, ...read, isPlain: false }
}

/** Reads the bytes of a journal's file. @throws JournalDamaged */
export const readOrderJournal = (path: string, bytes: Uint8Array): OrderJournalContent => {
  try {
    return parseOrderJournal(path, bytes)
  } catch (error) {
    throw error instanceof LinesDamaged ? new JournalDamaged(path, error.line, error.why) : error
  }
}
