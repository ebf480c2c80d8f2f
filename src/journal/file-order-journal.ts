import { closeSync, existsSync, mkdirSync, openSync, realpathSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import type { OrderJournalEntry, OrderJournal } from '../client/index.js'
import {
  CheckedLog,
  type Disk,
  flushFolder,
  type LinePosition,
  noLines,
  openRegular,
  readRegular,
  systemDisk,
  takeLock,
  writeLines,
} from '../disk/index.js'
import { orderJournalLines, newHeader, readOrderJournal } from './order-journal-file.js'
import { worthKeeping } from './worth-keeping.js'

/** Settings of {@link fileOrderJournal}. */
export interface FileOrderJournalOptions {
  /**
   * Flushes each entry to the disk before its order is sent. Without it an entry survives the
   * process (kill -9), but perhaps not a loss of power; with it each order waits for a disk flush.
   * @default false
   */
  readonly flush?: boolean
  /**
   * File size in bytes at which the file is rewritten without entries that a restarted process does
   * not need: orders resolved long ago. Larger if the needed entries take more than half of it.
   * @default 1_048_576
   */
  readonly compactBytes?: number
  /** @default the machine's */
  readonly disk?: Disk
}

/** Order journal in a file. `close` releases the file and its lock. */
export interface FileOrderJournal extends OrderJournal {
  close(): void
}

/**
 * Path of the file with links resolved: its lock stands there, and a file that replaces it must not
 * replace a link. It is created if need be.
 */
const placeOf = (path: string): string => {
  mkdirSync(dirname(path), { recursive: true })
  // Not opened before it is known to be a regular file: to open a FIFO waits for its other end.
  if (!existsSync(path)) closeSync(openSync(path, 'a', 0o600))
  const place = realpathSync(path)
  closeSync(openRegular(place, 'read'))
  return place
}

/**
 * Keeps an order journal in a file of JSON lines, one file for one login. It holds orders and
 * their cids, and no key or token. Every entry is written before its order is, in one call, so that
 * a process that is killed at any instant leaves either nothing or a line that names the order. A
 * last line that is torn is cut off: its order was never sent.
 *
 * Each line has a number and a checksum. Lines that were changed, doubled, moved or lost are
 * noticed and refused, except for whole lines missing at the end, and a file that is missing as a
 * whole: nothing else names them. A file of version 0.1 is read once and rewritten.
 *
 * A lock beside the file prevents a second opening. Throws LockHeld (by another journal that is
 * open, here, in another thread or in a process that lives, in another container of the machine
 * too), JournalDamaged, NotRegularFile (a FIFO, a folder), and what the file system throws. In a
 * container whose image has no command `flock`, a lock that was left by another container that was
 * killed has to be deleted by hand. Machines that share a disk over a network do not see each
 * other's locks.
 *
 * @example
 * ```ts
 * const journal = fileOrderJournal('orders.ndjson')
 * gateway.login(credentials, { journal }).subscribe((account) => {
 *   account.unresolved$.subscribe(({ length }) => console.log(length, 'unresolved orders'))
 * })
 * ```
 */
export function fileOrderJournal(
  path: string,
  { flush = false, compactBytes = 1_048_576, disk = systemDisk }: FileOrderJournalOptions = {},
): FileOrderJournal {
  const place = placeOf(path)
  const folder = dirname(place)
  const unlock = takeLock(`${place}.lock`)
  let log: CheckedLog
  let closed = false
  let compactAt = compactBytes
  const read = () => readOrderJournal(place, readRegular(place))

  /**
   * Replaces the file by a new one. Whatever is killed meanwhile, there is the old file or the new
   * one.
   */
  const rewrite = (entries: readonly OrderJournalEntry[]): CheckedLog => {
    const anew = `${place}.tmp`
    let next: CheckedLog | undefined
    try {
      let position: LinePosition = noLines
      const lines = orderJournalLines(entries, (end) => {
        position = end
      })
      const whole = writeLines(disk, anew, lines)
      // Before it has its name: if it cannot be opened, the old one stays.
      next = new CheckedLog(anew, { position, whole }, { disk, flush })
      disk.rename(anew, place)
      next.renamedTo(place)
    } catch (error) {
      next?.close()
      rmSync(anew, { force: true })
      throw error
    }
    try {
      flushFolder(disk, folder)
    } catch {
      // The disk fails at this: after a loss of power there is the old file or the new one.
    }
    return next
  }

  const compact = (): void => {
    try {
      const next = rewrite(worthKeeping(read().entries))
      log.close()
      log = next
      compactAt = Math.max(compactBytes, 2 * log.size)
    } catch {
      compactAt *= 2
    }
  }

  try {
    // What is written to a file that was never put into its folder is gone with the power too.
    if (flush) flushFolder(disk, folder)
    const found = read()
    log = found.isPlain ? rewrite(found.entries) : new CheckedLog(place, found, { disk, flush })
    if (log.size >= compactAt) compact()
  } catch (error) {
    unlock()
    throw error
  }

  return {
    write(entry) {
      if (closed) throw new Error(`${place}: the journal was closed`)
      log.append(...(log.position.lines === 0 ? [newHeader([entry])] : []), JSON.stringify(entry))
      // After an order, and not before one.
      if (entry.kind === 'settled' && log.size >= compactAt) compact()
    },
    read: () => [...read().entries],
    close: () => {
      if (closed) return
      closed = true
      log.close()
      unlock()
    },
  }
}
