import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import {
  inHex,
  isPlain,
  LinesDamaged,
  type LogEnd,
  noLines,
  NotRegularFile,
  readLines,
  readPlainLines,
  readRegular,
} from '../../disk/index.js'
import { type JournalHead, readHead } from './journal-head.js'
import { type FileHeader, type Held, isHeader, isLife, LogReader, parsed, SnapshotReader } from './journal-lines.js'
import { JournalUnusable, type VenueLife } from './venue-journal.js'

const filePattern = /^(\d{8})\.(ndjson|snapshot)$/

export const nameOf = (generation: number, kind: 'ndjson' | 'snapshot'): string =>
  `${String(generation).padStart(8, '0')}.${kind}`

/** A damaged journal: where, what is wrong, and what can be done. */
export const damaged = (folder: string, where: string, why: string): JournalUnusable =>
  new JournalUnusable(`${where}: ${why}; put back a copy of ${folder}, or run \`rxquant journal check ${folder}\``)

/** Content of a journal's folder, as read. Reading changes nothing. */
export interface Found extends Held {
  /** Number of the live log. */
  readonly generation: number
  readonly snapshotBytes: number
  /**
   * Point at which the live log continues; undefined where it has yet to be begun, or has to be
   * rewritten from version 0.1.
   */
  readonly end: LogEnd | undefined
  /** Bytes of a torn last line. */
  readonly torn: number
  readonly isPlain: boolean
  /** Names of files that no longer count, or never came to count. */
  readonly leftovers: readonly string[]
  /** The head says that the journal was closed: it must not say so while the journal is written. */
  readonly isClosed: boolean
}

const read = (folder: string, name: string): Uint8Array => {
  try {
    return readRegular(join(folder, name))
  } catch (error) {
    if (error instanceof NotRegularFile) throw new JournalUnusable(error.message)
    throw error
  }
}

/** Turns a damaged line into words that say what can be done. */
const inWords = <T>(folder: string, reading: () => T): T => {
  try {
    return reading()
  } catch (error) {
    if (error instanceof LinesDamaged) throw damaged(folder, `${error.file}, line ${error.line}`, error.why)
    throw error
  }
}

interface LogFile {
  /** Undefined where even its header was torn. */
  readonly header: FileHeader | undefined
  readonly entries: Held['entries']
  readonly end: LogEnd
  readonly last: string
  readonly torn: number
}

export const parseLog = (path: string, bytes: Uint8Array, generation: number): LogFile => {
  let header: FileHeader | undefined
  const reader = new LogReader()
  const { position, whole, torn } = readLines(path, bytes, (text, line) => {
    if (line > 1) return reader.take(text)
    const value = parsed(text)
    if (!isHeader(value) || value.kind !== 'log') return 'it is not the first line of a journal'
    if (value.generation !== generation) return `it is the first line of file ${nameOf(value.generation, 'ndjson')}`
    header = value
    return undefined
  })
  return { header, entries: reader.entries, end: { position, whole }, last: inHex(position.last), torn }
}

interface SnapshotFile extends Held {
  readonly life: VenueLife
  /** Checksum of its last line. */
  readonly last: string
}

export const parseSnapshot = (path: string, bytes: Uint8Array, generation: number): SnapshotFile => {
  let life: VenueLife | undefined
  const reader = new SnapshotReader()
  const { position, torn } = readLines(path, bytes, (text, line) => {
    if (line > 1) return reader.take(text)
    const value = parsed(text)
    if (!isHeader(value) || value.kind !== 'snapshot') return 'it is not the first line of a snapshot'
    if (value.generation !== generation) return `it is the first line of file ${nameOf(value.generation, 'snapshot')}`
    life = value.life
    return undefined
  })
  // It got its name when it was whole.
  if (!reader.isWhole || torn > 0 || life === undefined) {
    throw new LinesDamaged(path, position.lines + 1, 'the end of the snapshot is missing')
  }
  return { life, begins: reader.begins, entries: reader.entries, last: inHex(position.last) }
}

interface Names {
  readonly logs: readonly number[]
  readonly snapshots: readonly number[]
  readonly leftovers: readonly string[]
}

export const namesIn = (folder: string): Names => {
  const [logs, snapshots, leftovers]: [number[], number[], string[]] = [[], [], []]
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    const [, digits, kind] = filePattern.exec(name) ?? []
    if (digits !== undefined) (kind === 'snapshot' ? snapshots : logs).push(Number(digits))
    else if (name.endsWith('.tmp')) leftovers.push(name)
  }
  const inOrder = (numbers: number[]): number[] => numbers.sort((one, other) => one - other)
  return { logs: inOrder(logs), snapshots: inOrder(snapshots), leftovers }
}

/** Reads the files of version 0.1: a snapshot, if any, and the logs since. */
const readPlain = (folder: string, base: number | undefined, logs: readonly number[]): Held & { torn: number } =>
  inWords(folder, () => {
    let life: VenueLife | undefined
    let begins: Held['begins']
    let torn = 0
    const entries: Held['entries'][number][] = []
    const takeLife = (text: string): string | undefined => {
      const value = parsed(text)
      if (isLife(value)) life = value
      return isLife(value) ? undefined : 'it is no entry of a journal'
    }
    if (base !== undefined) {
      const path = join(folder, nameOf(base, 'snapshot'))
      const reader = new SnapshotReader()
      readPlainLines(path, read(folder, nameOf(base, 'snapshot')), (text, line) =>
        line === 1 ? takeLife(text) : reader.take(text),
      )
      if (!reader.isWhole) throw new LinesDamaged(path, reader.entries.length + 3, 'the end of the snapshot is missing')
      begins = reader.begins
      entries.push(...reader.entries)
    }
    for (const number of logs) {
      const path = join(folder, nameOf(number, 'ndjson'))
      const reader = new LogReader()
      const mayBegin = base === undefined && number === logs[0]
      const result = readPlainLines(path, read(folder, nameOf(number, 'ndjson')), (text, line) =>
        line === 1 && mayBegin ? takeLife(text) : reader.take(text),
      )
      if (result.torn > 0 && number !== logs.at(-1)) throw damaged(folder, path, 'it ends within a line')
      torn = result.torn
      for (const entry of reader.entries) entries.push(entry)
    }
    return { life, begins, entries, torn }
  })

/**
 * The fault of a log that does not end as the head says; a last line that is torn may have been the
 * last of all.
 */
const faultOfEnd = ({ closed }: JournalHead, { header, end, last, torn }: LogFile): string | undefined => {
  if (header === undefined) return 'the file was emptied'
  if (closed === undefined) return undefined
  const missing = closed.lines - end.position.lines
  if (missing > (torn > 0 ? 1 : 0)) return `${missing} of the lines at the end are missing`
  if (missing < 0 || (missing === 0 && closed.last !== last))
    return 'the file was written to after the journal was closed'
  return undefined
}

/**
 * Reads all that a journal's folder holds, and checks it.
 * @throws JournalUnusable, and what the file system throws
 */
export const survey = (folder: string): Found => {
  const { logs, snapshots, leftovers } = namesIn(folder)
  const head = inWords(folder, () => readHead(folder))
  const base = snapshots.at(-1)
  const isPast = (number: number): boolean => base !== undefined && number < base
  const past = [
    ...logs.filter(isPast).map((number) => nameOf(number, 'ndjson')),
    ...snapshots.filter(isPast).map((number) => nameOf(number, 'snapshot')),
  ]
  const live = logs.filter((number) => !isPast(number))
  const first = base ?? live[0]
  const none = { life: undefined, begins: undefined, entries: [], snapshotBytes: 0, torn: 0, isClosed: false }
  if (first === undefined) {
    if (head !== undefined)
      throw damaged(folder, join(folder, nameOf(head.generation, 'ndjson')), 'the file is missing')
    return { ...none, generation: 1, end: undefined, isPlain: false, leftovers }
  }
  const firstBytes = read(folder, nameOf(first, base === undefined ? 'ndjson' : 'snapshot'))
  if (isPlain(firstBytes) && head === undefined) {
    const held = readPlain(folder, base, live)
    const generation = Math.max(first, live.at(-1) ?? 0)
    const replaced = [
      ...live.map((each) => nameOf(each, 'ndjson')),
      ...(base === undefined ? [] : [nameOf(base, 'snapshot')]),
    ]
    return {
      ...none,
      ...held,
      generation,
      end: undefined,
      isPlain: true,
      leftovers: [...leftovers, ...past, ...replaced],
    }
  }

  const pathOf = (kind: 'ndjson' | 'snapshot', number = first): string => join(folder, nameOf(number, kind))
  return inWords(folder, () => {
    const snapshot = base === undefined ? undefined : parseSnapshot(pathOf('snapshot'), firstBytes, base)
    if (!live.includes(first)) throw damaged(folder, pathOf('ndjson'), 'the file is missing')
    const log = parseLog(
      pathOf('ndjson'),
      snapshot === undefined ? firstBytes : read(folder, nameOf(first, 'ndjson')),
      first,
    )
    if (head !== undefined && head.generation > first) {
      throw damaged(folder, pathOf('snapshot', head.generation), 'the file is missing')
    }
    if (head !== undefined && head.generation === first) {
      const fault = faultOfEnd(head, log)
      if (fault !== undefined) throw new LinesDamaged(pathOf('ndjson'), log.end.position.lines + 1, fault)
    }
    if (log.header !== undefined && log.header.after !== snapshot?.last) {
      throw damaged(
        folder,
        pathOf('snapshot'),
        snapshot === undefined ? 'the file is missing' : 'it is of another journal',
      )
    }
    if (snapshot !== undefined && log.header === undefined)
      throw new LinesDamaged(pathOf('ndjson'), 1, 'the file was emptied')
    // A process that was killed while it took a snapshot leaves the next log, with a header at
    // most.
    const begun = live.filter((number) => number !== first)
    for (const number of begun) {
      const next = parseLog(pathOf('ndjson', number), read(folder, nameOf(number, 'ndjson')), number)
      if (next.entries.length > 0) throw damaged(folder, pathOf('snapshot', number), 'the file is missing')
    }
    return {
      life: snapshot?.life ?? log.header?.life,
      begins: snapshot?.begins,
      entries: snapshot === undefined ? log.entries : [...snapshot.entries, ...log.entries],
      generation: first,
      snapshotBytes: snapshot === undefined ? 0 : firstBytes.length,
      end: log.header === undefined ? { position: noLines, whole: 0 } : log.end,
      torn: log.torn,
      isPlain: false,
      leftovers: [...leftovers, ...past, ...begun.map((number) => nameOf(number, 'ndjson'))],
      isClosed: head?.closed !== undefined,
    }
  })
}
