import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { type Disk, encodeLines, LinesDamaged, readLines, readRegular, writeLines } from '../../disk/index.js'
import { parsed } from './journal-lines.js'

/**
 * Small file beside the logs that describes them, so that a missing file or a missing end is
 * noticed.
 */
export interface JournalHead {
  /** Number of the live log when this was written; a later one may have been begun since. */
  readonly generation: number
  /** End of the live log when the journal was closed; none while it is open. */
  readonly closed?: { readonly lines: number; readonly last: string }
}

const name = 'head.json'

const isHead = (value: unknown): value is JournalHead => {
  const { kind, generation, closed } = (value ?? {}) as Record<string, unknown>
  if (kind !== 'head' || !Number.isSafeInteger(generation)) return false
  const { lines, last } = (closed ?? { lines: 0, last: '' }) as Record<string, unknown>
  return Number.isSafeInteger(lines) && typeof last === 'string'
}

/**
 * Reads the head of a folder; undefined where there is none, or an empty one, as a loss of power
 * may leave it.
 * @throws LinesDamaged
 */
export const readHead = (folder: string): JournalHead | undefined => {
  const path = join(folder, name)
  let bytes: Uint8Array
  try {
    bytes = readRegular(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  if (bytes.length === 0) return undefined
  let head: JournalHead | undefined
  const { torn } = readLines(path, bytes, (text) => {
    const value = parsed(text)
    if (isHead(value)) head = value
    return isHead(value) ? undefined : 'it is no head of a journal'
  })
  if (torn > 0 || head === undefined) throw new LinesDamaged(path, 1, 'its end is missing')
  return head
}

/**
 * Replaces the head of a folder. Where that fails there is none afterwards: one that is out of date
 * could call a sound journal damaged.
 *
 * @throws what the disk throws
 */
export const writeHead = (disk: Disk, folder: string, head: JournalHead): void => {
  const path = join(folder, name)
  try {
    writeLines(disk, `${path}.tmp`, encodeLines([JSON.stringify({ kind: 'head', ...head })]), { flush: false })
    disk.rename(`${path}.tmp`, path)
  } catch (error) {
    for (const each of [`${path}.tmp`, path]) rmSync(each, { force: true })
    throw error
  }
}

/** Deletes the head of a folder. */
export const removeHead = (folder: string): void => rmSync(join(folder, name), { force: true })
