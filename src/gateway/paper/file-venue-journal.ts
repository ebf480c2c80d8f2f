import { closeSync, existsSync, mkdirSync, realpathSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import {
  CheckedLog,
  type Disk,
  encodeLines,
  flushFolder,
  inHex,
  LockHeld,
  noLines,
  openRegular,
  systemDisk,
  takeLock,
  writeLines,
} from '../../disk/index.js'
import { type Found, nameOf, survey } from './journal-files.js'
import { type JournalHead, writeHead } from './journal-head.js'
import { type FileHeader, snapshotLines } from './journal-lines.js'
import {
  JournalUnusable,
  type VenueEntry,
  type VenueJournal,
  type VenueLife,
  type VenueSnapshot,
} from './venue-journal.js'

/** Settings of a paper gateway's journal. */
export interface FileVenueJournalOptions {
  /**
   * Durability of an entry once its command is carried out. `never`: survives the end of the
   * process, kill -9 included, but at a loss of power the last seconds may be gone (Linux writes
   * back within 30): the exchange is then as it was before them, orders placed meanwhile and their
   * cids are not known to it, and their numbers and those of notices are given again: restart the
   * clients too. `always`: a loss of power too; each command, the market's included, then waits for
   * the disk, some milliseconds on most. Snapshots are flushed either way.
   *
   * @default 'never': what is traded is paper, and a market of many commands a second would wait
   * for the disk at each
   */
  readonly fsync?: 'never' | 'always'
  /**
   * Bytes written since the last snapshot that make another due; more where the snapshot itself is
   * larger.
   * @default 4194304
   */
  readonly compactBytes?: number
  /**
   * Bytes written since the last snapshot beyond which nothing more is taken, where no snapshot can
   * be written.
   * @default 268435456
   */
  readonly mostBytes?: number
  /**
   * Told in words what the journal had to do of its own accord: a torn line that was dropped, a
   * snapshot that could not be written.
   */
  readonly onWord?: (words: string) => void
  readonly disk?: Disk
}

type Compacted = Partial<VenueSnapshot> & Pick<VenueSnapshot, 'entries'>

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** Takes the lock of a journal's folder. @throws JournalUnusable */
export const lockFolder = (folder: string): (() => void) => {
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
 * A journal in a folder of files of JSON lines: `NUMBER.snapshot`, the state of a venue, and
 * `NUMBER.ndjson`, the log of its commands since. When the log has grown, the next snapshot
 * replaces both, so that neither the disk nor a start grows with the past. It holds orders, cids
 * and digests of keys, no key. `head.json` names the live log and, once the journal is closed, its
 * last line.
 *
 * Each line has a number and a checksum, and each log names the snapshot before it. Lines or files
 * that were changed, doubled, moved or lost are noticed and refused. Not noticed are whole lines
 * missing at the end of the log of a process that was killed, and a folder that is missing as a
 * whole: nothing else names them. A journal of version 0.1 is read once and rewritten.
 *
 * Each entry is written in one call before its command is carried out, so that a process that is
 * killed at any instant leaves either nothing or the whole of a command. A last line that is torn
 * is cut off: it was never carried out or answered.
 *
 * @param fresh - the life that begins if the folder holds none
 * @throws JournalUnusable, and what the file system throws
 */
export const fileVenueJournal = (
  named: string,
  fresh: VenueLife,
  {
    fsync = 'never',
    compactBytes = 4_194_304,
    mostBytes = 268_435_456,
    onWord = () => undefined,
    disk = systemDisk,
  }: FileVenueJournalOptions = {},
): VenueJournal => {
  mkdirSync(named, { recursive: true, mode: 0o700 })
  const folder = realpathSync(named)
  const unlock = lockFolder(folder)
  const pathOf = (number: number, kind: 'ndjson' | 'snapshot'): string => join(folder, nameOf(number, kind))
  const remove = (name: string): void => rmSync(join(folder, name), { force: true })
  const options = { disk, flush: fsync === 'always' }

  /** Begins a log: an empty file, and its header. */
  const newLog = (generation: number, header: Pick<FileHeader, 'life' | 'after'>): CheckedLog => {
    remove(nameOf(generation, 'ndjson'))
    closeSync(openRegular(pathOf(generation, 'ndjson'), 'create new'))
    const log = new CheckedLog(pathOf(generation, 'ndjson'), { position: noLines, whole: 0 }, options)
    try {
      log.append(JSON.stringify({ kind: 'log', version: 2, generation, ...header } satisfies FileHeader))
      return log
    } catch (error) {
      log.close()
      throw error
    }
  }

  /**
   * In this order: whenever it ends, what is there is either the old files whole or the new ones.
   */
  const newFiles = (generation: number, life: VenueLife, snapshot: Compacted) => {
    const path = pathOf(generation, 'snapshot')
    let log: CheckedLog | undefined
    try {
      let last = ''
      const lines = encodeLines(snapshotLines(generation, life, snapshot), (end) => {
        last = inHex(end.last)
      })
      const snapshotBytes = writeLines(disk, `${path}.tmp`, lines)
      log = newLog(generation, { after: last })
      // It is found missing if it goes with a loss of power while the snapshot stays.
      if (fsync === 'never') log.flush()
      rename(`${path}.tmp`, path)
      return { log, snapshotBytes }
    } catch (error) {
      log?.close()
      remove(nameOf(generation, 'ndjson'))
      remove(`${nameOf(generation, 'snapshot')}.tmp`)
      throw error
    }
  }

  /**
   * While it cannot be written, lines and files that go missing at the end are not noticed; nothing
   * else depends on it.
   */
  const tryHead = (head: JournalHead): void => {
    try {
      writeHead(disk, folder, head)
    } catch {
      // Said by the next line that cannot be written.
    }
  }

  const rename = (from: string, to: string): void => {
    try {
      disk.rename(from, to)
    } catch (error) {
      // Some file systems report an error of a rename that was done.
      if (existsSync(from) || !existsSync(to)) throw error
    }
  }

  const begin = (found: Found) => {
    const { life = fresh, entries, begins } = found
    if (found.life === undefined && entries.length > 0) {
      throw new JournalUnusable(`${folder}: nothing in it says whose life it is; mend or move the folder`)
    }
    if (life.traded !== fresh.traded) {
      throw new JournalUnusable(`${folder} was written for other symbols, fees or rules; name another folder`)
    }
    const path = pathOf(found.generation, 'ndjson')
    if (found.torn > 0) {
      onWord(`${path} ended within a line, which was dropped: ${found.torn} bytes, never carried out`)
    }
    // Before the first line: a journal that is written is not closed.
    if (found.isClosed) tryHead({ generation: found.generation })
    const common = { life, begins, entries, generation: found.generation, snapshotBytes: found.snapshotBytes }
    const isNew = found.life === undefined
    if (found.isPlain && !isNew) {
      const generation = found.generation + 1
      const files = newFiles(generation, life, { ...begins, entries })
      flushFolder(disk, folder)
      tryHead({ generation })
      onWord(`${folder} was written by version 0.1 and was rewritten: it has numbers and checksums now`)
      return { ...common, generation, ...files }
    }
    if (!isNew && found.end !== undefined) return { ...common, log: new CheckedLog(path, found.end, options) }
    const log = newLog(found.generation, { life })
    if (options.flush) flushFolder(disk, folder)
    tryHead({ generation: found.generation })
    return { ...common, log }
  }

  let begun: ReturnType<typeof begin>
  try {
    const found = survey(folder)
    begun = begin(found)
    for (const name of found.leftovers) if (name !== nameOf(begun.generation, 'ndjson')) remove(name)
  } catch (error) {
    unlock()
    throw error
  }
  const { life, begins } = begun
  const { ino } = statSync(folder)
  /** Until they were asked for: they are not needed twice, and may be many. */
  let entries: readonly VenueEntry[] = begun.entries
  let { generation, log, snapshotBytes } = begun
  /** Written when a snapshot last failed: the next try is not at once. */
  let triedAt = 0
  let closed = false

  const replaceWith = (snapshot: VenueSnapshot): void => {
    const old = { generation, log }
    const next = newFiles(generation + 1, life, snapshot)
    ;({ log, snapshotBytes } = next)
    generation++
    triedAt = 0
    old.log.close()
    // Before the old files go: without it the new ones might go with a loss of power.
    flushFolder(disk, folder)
    tryHead({ generation })
    remove(nameOf(old.generation, 'ndjson'))
    remove(nameOf(old.generation, 'snapshot'))
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
      if (closed) throw new Error('it was closed')
      if (log.size >= mostBytes) {
        throw new Error(`it has reached ${mostBytes} bytes and no snapshot can be written; make room on the disk`)
      }
      log.append(JSON.stringify(entry))
    },
    check() {
      if (!closed) log.check()
    },
    get isDue() {
      return !closed && log.size - triedAt >= Math.max(compactBytes, snapshotBytes)
    },
    compact(snapshot) {
      if (closed) return
      triedAt = log.size
      try {
        replaceWith(snapshot)
      } catch (error) {
        onWord(`${folder}: no snapshot could be written, the log goes on: ${wordsOf(error)}`)
      }
    },
    close() {
      if (closed) return
      closed = true
      const { lines, last } = log.position
      log.close()
      // Not in the folder of another gateway, where ours was deleted.
      if (statSync(folder, { throwIfNoEntry: false })?.ino === ino)
        tryHead({ generation, closed: { lines, last: inHex(last) } })
      unlock()
    },
  }
}
