import {
  closeSync,
  existsSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import type { Command } from '../../exchange/index.js'
import type { RememberedOrder } from '../order-memory.js'

/** What a paper exchange is made of, beside what it was told: with both, it comes out the same again. */
export interface VenueLife {
  readonly epoch: string
  readonly idPrefix: string
  readonly historyBase: number
  /** Names what is traded and how: another exchange would make something else of the same commands. */
  readonly traded: string
}

/** What happened, in its order. */
export type VenueEntry =
  | { readonly kind: 'command'; readonly at: number; readonly command: Command }
  /** An order that was refused before it reached the exchange; its cid stays refused. */
  | { readonly kind: 'refused'; readonly account: string; readonly order: RememberedOrder }

/** Where a paper exchange writes down what it is told, before it does it. */
export interface VenueJournal {
  readonly life: VenueLife
  /** What stands in it, oldest first. */
  entries(): Iterable<VenueEntry>
  /** Throws when the entry is not written; then nothing of it is. */
  write(entry: VenueEntry): void
  close(): void
}

/** A journal holds something else than it should, or somebody else writes to it. */
export class JournalUnusable extends Error {
  readonly _tag = 'JournalUnusable'
  override readonly name = 'JournalUnusable'
}

/** The calls that write; a test makes them fail. */
export interface JournalDisk {
  write(file: number, bytes: Uint8Array): number
  truncate(file: number, length: number): void
}

export interface FileVenueJournalOptions {
  /** Bytes of one file; then the next is begun. @default 16777216 */
  readonly segmentBytes?: number
  /** Bytes of all files; then nothing more is taken. @default 1073741824 */
  readonly mostBytes?: number
  readonly disk?: JournalDisk
}

const systemDisk: JournalDisk = { write: (file, bytes) => writeSync(file, bytes), truncate: ftruncateSync }

const segmentName = (number: number): string => `${String(number).padStart(8, '0')}.ndjson`
const segmentPattern = /^\d{8}\.ndjson$/

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Those of this process. */
const held = new Set<string>()

/** Two gateways that write to one journal would each forget the other's orders. A lock whose process is dead is none: kill -9 leaves it. */
const lock = (folder: string): (() => void) => {
  const path = join(folder, 'lock')
  const holder = existsSync(path) ? Number(readFileSync(path, 'utf8')) : 0
  if (holder > 0 && (holder === process.pid ? held.has(path) : isAlive(holder))) {
    throw new JournalUnusable(
      `${folder}: the gateway of process ${holder} writes there; stop it, or name another folder`,
    )
  }
  writeFileSync(path, String(process.pid))
  held.add(path)
  return () => {
    held.delete(path)
    rmSync(path, { force: true })
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

const isEntry = (value: unknown): value is VenueEntry =>
  isRecord(value) &&
  (value.kind === 'command'
    ? Number.isFinite(value.at) && isRecord(value.command) && typeof value.command.type === 'string'
    : value.kind === 'refused' && typeof value.account === 'string' && isRecord(value.order))

const isLife = (value: unknown): value is VenueLife =>
  isRecord(value) &&
  typeof value.epoch === 'string' &&
  typeof value.idPrefix === 'string' &&
  typeof value.historyBase === 'number' &&
  typeof value.traded === 'string'

const parsed = (line: string): unknown => {
  try {
    return JSON.parse(line) as unknown
  } catch {
    return undefined
  }
}

/**
 * A journal in a folder: files of JSON lines, begun one after the other, the first line the life's. It holds orders, cids and digests of keys, no
 * key. Each line is written in one call before its command is carried out, so that a process that is killed at any instant leaves either
 * nothing or the whole of a command. A last line that is torn is cut off: it was never carried out, and nobody was told of it.
 *
 * @param fresh - the life that begins if the folder holds none
 * @throws JournalUnusable, and what the file system throws
 */
export const fileVenueJournal = (
  folder: string,
  fresh: VenueLife,
  { segmentBytes = 16_777_216, mostBytes = 1_073_741_824, disk = systemDisk }: FileVenueJournalOptions = {},
): VenueJournal => {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const unlock = lock(folder)
  const names = readdirSync(folder)
    .filter((name) => segmentPattern.test(name))
    .sort()

  const read = (name: string): unknown[] => {
    const path = join(folder, name)
    const bytes = readFileSync(path)
    const whole = bytes.lastIndexOf(0x0a) + 1
    const isLast = name === names.at(-1)
    if (whole < bytes.length && !isLast)
      throw new JournalUnusable(`${path} ends within a line; mend or move the folder`)
    const lines = bytes.subarray(0, whole).toString('utf8').split('\n').slice(0, -1)
    return lines.map((line, i) => {
      const value = parsed(line)
      if (isEntry(value) || (i === 0 && name === names[0] && isLife(value))) return value
      throw new JournalUnusable(`${path}, line ${i + 1} is no entry; mend or move the folder`)
    })
  }

  let number = Math.max(1, Number.parseInt(names.at(-1) ?? '1', 10))
  const open = (): number => openSync(join(folder, segmentName(number)), 'a', 0o600)
  let file: number
  let size: number
  let total = 0
  let closed = false
  let life: VenueLife

  const append = (line: string): void => {
    const bytes = Buffer.from(`${line}\n`)
    let written = 0
    try {
      written = disk.write(file, bytes)
    } finally {
      // A full disk may take part of a line, and nothing may stand behind that.
      if (written < bytes.length) disk.truncate(file, size)
    }
    if (written < bytes.length) throw new Error(`only ${written} of ${bytes.length} bytes could be written`)
    size += bytes.length
    total += bytes.length
  }

  try {
    const last = names.at(-1)
    for (const name of names) total += readFileSync(join(folder, name)).length
    file = open()
    size = fstatSync(file).size
    if (last !== undefined) {
      const whole = readFileSync(join(folder, last)).lastIndexOf(0x0a) + 1
      if (whole < size) ftruncateSync(file, whole)
      total -= size - whole
      size = whole
    }
    const first: unknown = names[0] === undefined ? undefined : read(names[0])[0]
    if (first === undefined) {
      append(JSON.stringify(fresh))
      life = fresh
    } else if (isLife(first)) {
      life = first
      if (life.traded !== fresh.traded) {
        throw new JournalUnusable(`${folder} was written for other symbols, fees or rules; name another folder`)
      }
    } else {
      throw new JournalUnusable(`${folder}: its first line does not say whose life it is; mend or move the folder`)
    }
  } catch (error) {
    unlock()
    throw error
  }

  return {
    life,
    *entries() {
      for (const name of names) for (const value of read(name)) if (isEntry(value)) yield value
    },
    write(entry) {
      // Its number may be another file's by now.
      if (closed) throw new Error('it was closed')
      if (total >= mostBytes) {
        throw new Error(`it has reached ${mostBytes} bytes; stop the gateway and move ${folder} away to begin anew`)
      }
      if (size >= segmentBytes) {
        closeSync(file)
        number++
        file = open()
        size = 0
      }
      append(JSON.stringify(entry))
    },
    close() {
      if (closed) return
      closed = true
      closeSync(file)
      unlock()
    },
  }
}
