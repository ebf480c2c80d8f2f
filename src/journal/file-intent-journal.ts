import {
  closeSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
} from 'node:fs'
import { dirname } from 'node:path'
import type { IntentEntry, IntentJournal } from '../client/index.js'
import { appendLine, type Disk, flushFolder, systemDisk, takeLock, writeLines } from '../disk/index.js'
import { decodeEntry } from './entry-codec.js'
import { worthKeeping } from './worth-keeping.js'

/** Settings of {@link fileIntentJournal}. */
export interface FileIntentJournalOptions {
  /**
   * Whether each entry is on the disk before its order is sent. Without it an entry outlives the process (a kill -9), but
   * perhaps not the machine's loss of power; with it an order costs a disk's flush more.
   * @default false
   */
  readonly flush?: boolean
  /**
   * Bytes at which the file is written anew without what no successor needs: orders that were settled long ago. More where those that are
   * needed take more than half of it.
   * @default 1_048_576
   */
  readonly compactBytes?: number
  /** @default the machine's */
  readonly disk?: Disk
}

/** An intent journal in a file, and a way to let go of it. */
export interface FileIntentJournal extends IntentJournal {
  close(): void
}

/** A journal's file holds something that is no entry, and not at its end, where a torn write would be. */
export class JournalDamaged extends Error {
  readonly _tag = 'JournalDamaged'
  override readonly name = 'JournalDamaged'

  constructor(path: string, line: number, why: string) {
    super(`${path}, line ${line}: ${why}; mend or move the file, for it may hold orders whose fate is not known`)
  }
}

/** The entries of a journal's text, and how much of it is whole: a process may have died while it wrote the last line. */
const entriesOf = (path: string, text: string): { readonly entries: IntentEntry[]; readonly whole: number } => {
  const whole = text.lastIndexOf('\n') + 1
  const entries = text
    .slice(0, whole)
    .split('\n')
    .slice(0, -1)
    .map((line, i) => {
      const decoded = decodeEntry(line)
      if (decoded._tag === 'Left') throw new JournalDamaged(path, i + 1, decoded.left)
      return decoded.right
    })
  return { entries, whole }
}

/** Where the file is, links followed: its lock stands there, and what takes its place must not take a link's. It is created if need be. */
const placeOf = (path: string): string => {
  mkdirSync(dirname(path), { recursive: true })
  closeSync(openSync(path, 'a', 0o600))
  return realpathSync(path)
}

/** A file that was deleted, moved or cut meanwhile takes lines as before, and no successor ever finds them. */
const checkPlace = (place: string, file: number, whole: number): void => {
  const [there, ours] = [statSync(place), fstatSync(file)]
  if (there.ino !== ours.ino || there.dev !== ours.dev || ours.size < whole)
    throw new Error(`${place} was moved or cut while it was open: put it back, or begin with another`)
}

/**
 * Keeps an intent journal in a file of JSON lines, one file for one login. It holds orders and their cids, and no key or
 * token. Every entry is written before its order is, in one call, so that a process that is killed at any instant leaves
 * either nothing or a line that names the order. A last line that is torn is cut off: its order was never sent.
 *
 * While it is open it is nobody else's: beside the file there is a lock. Throws LockHeld (by another journal that is open, here, in another
 * thread or in a process that lives, in another container of the machine too), JournalDamaged, and what the file system throws. In a container
 * whose image has no command `flock`, a lock that was left by another container that was killed has to be deleted by hand. Machines that share
 * a disk over a network do not see each other's locks.
 *
 * @example
 * ```ts
 * const journal = fileIntentJournal('orders.ndjson')
 * gateway.login(credentials, { journal }).subscribe((account) => {
 *   account.unsettled$.subscribe((left) => console.log(left.length, 'orders of unknown fate'))
 * })
 * ```
 */
export function fileIntentJournal(
  path: string,
  { flush = false, compactBytes = 1_048_576, disk = systemDisk }: FileIntentJournalOptions = {},
): FileIntentJournal {
  const place = placeOf(path)
  const folder = dirname(place)
  const unlock = takeLock(`${place}.lock`)
  let file: number
  /** How much of it is whole: beyond that is what a disk that failed has kept of a line all the same. */
  let whole = 0
  let closed = false
  let compactAt = compactBytes
  const read = (): ReturnType<typeof entriesOf> => entriesOf(place, readFileSync(place, 'utf8'))

  /** Whatever is killed meanwhile, there is the old file or the new one; and what is written goes to the one that is there. */
  const compact = (): void => {
    const anew = `${place}.tmp`
    let next: number | undefined
    try {
      const size = writeLines(
        disk,
        anew,
        worthKeeping(read().entries).map((entry) => JSON.stringify(entry)),
      )
      // Before it has its name: if it cannot be opened, the old one stays.
      next = openSync(anew, 'a+', 0o600)
      disk.rename(anew, place)
      const old = file
      file = next
      whole = size
      next = undefined
      closeSync(old)
      compactAt = Math.max(compactBytes, 2 * size)
    } catch {
      if (next !== undefined) closeSync(next)
      rmSync(anew, { force: true })
      compactAt *= 2
      return
    }
    try {
      flushFolder(disk, folder)
    } catch {
      // A disk that fails at this: what will be there after a loss of power is anybody's guess.
    }
  }

  try {
    file = openSync(place, 'a+', 0o600)
    try {
      // What is written to a file that was never put into its folder is gone with the power too.
      if (flush) flushFolder(disk, folder)
      // What is torn must go before anything is written behind it.
      whole = Buffer.byteLength(readFileSync(place, 'utf8').slice(0, read().whole))
      ftruncateSync(file, whole)
      if (whole >= compactAt) compact()
    } catch (error) {
      closeSync(file)
      throw error
    }
  } catch (error) {
    unlock()
    throw error
  }

  return {
    write(entry) {
      // Its number may be another file's by now.
      if (closed) throw new Error(`${place}: the journal was closed`)
      checkPlace(place, file, whole)
      if (fstatSync(file).size > whole) disk.truncate(file, whole)
      whole += appendLine(disk, file, JSON.stringify(entry), whole, flush)
      // After an order, and not before one.
      if (entry.kind === 'settled' && whole >= compactAt) compact()
    },
    read: () => read().entries,
    close: () => {
      if (closed) return
      closed = true
      closeSync(file)
      unlock()
    },
  }
}
