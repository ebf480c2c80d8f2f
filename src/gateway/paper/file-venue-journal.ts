import { closeSync, ftruncateSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { appendLine, type Disk, flushFolder, LockHeld, systemDisk, takeLock, writeLines } from '../../disk/index.js'
import { readLog, readSnapshot, snapshotLines } from './journal-lines.js'
import { JournalUnusable, type VenueEntry, type VenueJournal, type VenueLife } from './venue-journal.js'

/** Settings of a paper gateway's journal. */
export interface FileVenueJournalOptions {
  /**
   * What an entry outlives once its command is carried out. `never`: the end of the process, kill -9 included, but at a loss of power the
   * last seconds may be gone (Linux writes back within 30): the exchange is then as it was before them, orders placed meanwhile and their cids
   * are not known to it, and their numbers and those of notices are given again: restart the clients too. `always`: a loss of power too; each command, the market's
   * included, then waits for the disk, some milliseconds on most. Snapshots are flushed either way.
   *
   * @default 'never': what is traded is paper, and a market of many commands a second would wait for the disk at each
   */
  readonly fsync?: 'never' | 'always'
  /** Bytes written since the last snapshot that make another due; more where the snapshot itself is larger. @default 4194304 */
  readonly compactBytes?: number
  /** Bytes written since the last snapshot beyond which nothing more is taken, where no snapshot can be written. @default 268435456 */
  readonly mostBytes?: number
  /** Told in words what the journal had to do of its own accord: a torn line that was dropped, a snapshot that could not be written. */
  readonly onWord?: (words: string) => void
  readonly disk?: Disk
}

const filePattern = /^(\d{8})\.(ndjson|snapshot)$/
const nameOf = (number: number, kind: 'ndjson' | 'snapshot'): string => `${String(number).padStart(8, '0')}.${kind}`
const bytesIn = (path: string): number => statSync(path).size
const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

const lock = (folder: string): (() => void) => {
  try {
    return takeLock(join(folder, 'lock'))
  } catch (error) {
    if (!(error instanceof LockHeld)) throw error
    throw new JournalUnusable(
      `${folder}: the gateway of process ${error.pid} writes there; stop it, or name another folder`,
    )
  }
}

/**
 * A journal in a folder, all files of JSON lines: `NUMBER.snapshot`, what a venue was, and `NUMBER.ndjson`, the log of what it was told since. When
 * the log has grown, the next snapshot takes the place of both, so that neither the disk nor a start grows with the past. It holds orders, cids and digests of
 * keys, no key.
 *
 * Each entry is written in one call before its command is carried out, so that a process that is killed at any instant leaves either nothing
 * or the whole of a command. A last line that is torn is cut off: it was never carried out, and nobody was told of it.
 *
 * @param fresh - the life that begins if the folder holds none
 * @throws JournalUnusable, and what the file system throws
 */
export const fileVenueJournal = (
  folder: string,
  fresh: VenueLife,
  {
    fsync = 'never',
    compactBytes = 4_194_304,
    mostBytes = 268_435_456,
    onWord = () => undefined,
    disk = systemDisk,
  }: FileVenueJournalOptions = {},
): VenueJournal => {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const unlock = lock(folder)
  const pathOf = (number: number, kind: 'ndjson' | 'snapshot'): string => join(folder, nameOf(number, kind))
  const remove = (name: string): void => rmSync(join(folder, name), { force: true })
  const flush = fsync === 'always'

  /** The numbers of the files that count, oldest first. What a snapshot has taken the place of, and what became none, goes. */
  const tidy = (): { readonly base: number | undefined; readonly logs: readonly number[] } => {
    const logs: number[] = []
    const snapshots: number[] = []
    for (const name of readdirSync(folder)) {
      const [, digits, kind] = filePattern.exec(name) ?? []
      if (digits !== undefined) (kind === 'snapshot' ? snapshots : logs).push(Number(digits))
      else if (name.endsWith('.tmp')) remove(name)
    }
    const base = snapshots.length === 0 ? undefined : Math.max(...snapshots)
    const isPast = (number: number): boolean => base !== undefined && number < base
    for (const number of logs.filter(isPast)) remove(nameOf(number, 'ndjson'))
    for (const number of snapshots.filter(isPast)) remove(nameOf(number, 'snapshot'))
    return { base, logs: logs.filter((number) => !isPast(number)).sort((a, b) => a - b) }
  }

  /** Cuts off what a process did not finish writing. Returns the size of what is whole. */
  const mendEnd = (file: number, path: string): number => {
    const bytes = readFileSync(path)
    const whole = bytes.lastIndexOf(0x0a) + 1
    if (whole === bytes.length) return whole
    onWord(`${path} ended within a line, which was dropped: ${bytes.length - whole} bytes, never carried out`)
    ftruncateSync(file, whole)
    return whole
  }

  const begin = () => {
    const { base, logs } = tidy()
    const number = logs.at(-1) ?? base ?? 1
    const path = pathOf(number, 'ndjson')
    const file = openSync(path, 'a', 0o600)
    try {
      const size = mendEnd(file, path)
      const snapshot = base === undefined ? undefined : readSnapshot(pathOf(base, 'snapshot'))
      const held = logs.map((each) => readLog(pathOf(each, 'ndjson')))
      const life = snapshot?.life ?? held[0]?.life
      const entries = [...(snapshot?.entries ?? []), ...held.flatMap((each) => each.entries)]
      if (life === undefined && entries.length > 0) {
        throw new JournalUnusable(`${folder}: nothing in it says whose life it is; mend or move the folder`)
      }
      if (life !== undefined && life.traded !== fresh.traded) {
        throw new JournalUnusable(`${folder} was written for other symbols, fees or rules; name another folder`)
      }
      const begun = life === undefined ? appendLine(disk, file, JSON.stringify(fresh), size, flush) : 0
      const total =
        logs.reduce((sum, each) => sum + (each === number ? 0 : bytesIn(pathOf(each, 'ndjson'))), size) + begun
      return {
        ...{ number, file, life: life ?? fresh, begins: snapshot?.begins, entries, size: size + begun, total },
        snapshotBytes: base === undefined ? 0 : bytesIn(pathOf(base, 'snapshot')),
      }
    } catch (error) {
      closeSync(file)
      throw error
    }
  }

  let begun: ReturnType<typeof begin>
  try {
    begun = begin()
  } catch (error) {
    unlock()
    throw error
  }
  const { life, begins } = begun
  /** Until they were asked for: they are not needed twice, and may be many. */
  let entries: readonly VenueEntry[] = begun.entries
  let { number, file, size, total, snapshotBytes } = begun
  /** Written when a snapshot last failed: the next try is not at once. */
  let triedAt = 0
  let closed = false

  /** In this order: whenever it ends, what is there is either the old files whole or the new ones. */
  const replaceWith = (lines: Iterable<string>): void => {
    const next = number + 1
    const nextFile = openSync(pathOf(next, 'ndjson'), 'a', 0o600)
    try {
      const path = pathOf(next, 'snapshot')
      const bytes = writeLines(disk, `${path}.tmp`, lines)
      disk.rename(`${path}.tmp`, path)
      snapshotBytes = bytes
    } catch (error) {
      closeSync(nextFile)
      remove(nameOf(next, 'ndjson'))
      remove(`${nameOf(next, 'snapshot')}.tmp`)
      throw error
    }
    closeSync(file)
    file = nextFile
    number = next
    size = total = triedAt = 0
    // Before the old files go: without it the new ones might go with a loss of power.
    flushFolder(disk, folder)
    tidy()
  }

  return {
    life,
    begins,
    entries: () => {
      const all = entries
      entries = []
      return all
    },
    write(entry) {
      // Its number may be another file's by now.
      if (closed) throw new Error('it was closed')
      if (total >= mostBytes) {
        throw new Error(`it has reached ${mostBytes} bytes and no snapshot can be written; make room on the disk`)
      }
      const length = appendLine(disk, file, JSON.stringify(entry), size, flush)
      size += length
      total += length
    },
    get isDue() {
      return !closed && total - triedAt >= Math.max(compactBytes, snapshotBytes)
    },
    compact(snapshot) {
      if (closed) return
      triedAt = total
      try {
        replaceWith(snapshotLines(life, snapshot))
      } catch (error) {
        onWord(`${folder}: no snapshot could be written, the log goes on: ${wordsOf(error)}`)
      }
    },
    close() {
      if (closed) return
      closed = true
      closeSync(file)
      unlock()
    },
  }
}
