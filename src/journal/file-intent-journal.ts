import {
  closeSync,
  fdatasyncSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import type { IntentEntry, IntentJournal } from '../client/index.js'
import { decodeEntry } from './entry-codec.js'

/** Settings of {@link fileIntentJournal}. */
export interface FileIntentJournalOptions {
  /**
   * Whether each entry is on the disk before its order is sent. Without it an entry outlives the process (a kill -9), but
   * perhaps not the machine's loss of power; with it an order costs a disk's flush more.
   * @default false
   */
  readonly flush?: boolean
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

/**
 * Keeps an intent journal in a file of JSON lines, one file for one login. It holds orders and their cids, and no key or
 * token. Every entry is written before its order is, in one call, so that a process that is killed at any instant leaves
 * either nothing or a line that names the order. A last line that is torn is cut off: its order was never sent.
 *
 * Throws JournalDamaged, and what the file system throws.
 *
 * @example
 * ```ts
 * const journal = fileIntentJournal('orders.ndjson')
 * gateway.login(credentials, { journal }).subscribe((account) => {
 *   account.unsettled$.subscribe((left) => console.log(left.length, 'orders of unknown fate'))
 * })
 * ```
 */
export function fileIntentJournal(path: string, { flush = false }: FileIntentJournalOptions = {}): FileIntentJournal {
  mkdirSync(dirname(path), { recursive: true })
  const file = openSync(path, 'a+', 0o600)
  const read = (): ReturnType<typeof entriesOf> => entriesOf(path, readFileSync(path, 'utf8'))
  try {
    // What is torn must go before anything is written behind it.
    ftruncateSync(file, Buffer.byteLength(readFileSync(path, 'utf8').slice(0, read().whole)))
  } catch (error) {
    closeSync(file)
    throw error
  }

  return {
    write(entry) {
      const line = Buffer.from(`${JSON.stringify(entry)}\n`)
      const before = fstatSync(file).size
      try {
        const written = writeSync(file, line)
        if (written < line.length) throw new Error(`${path}: only ${written} of ${line.length} bytes could be written`)
        if (flush) fdatasyncSync(file)
      } catch (error) {
        // A full disk may take part of a line, and one that fails to flush the whole of it: what is refused must not be read by a successor.
        ftruncateSync(file, before)
        throw error
      }
    },
    read: () => read().entries,
    close: () => closeSync(file),
  }
}
