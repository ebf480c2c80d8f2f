import { copyFileSync, realpathSync } from 'node:fs'
import type { OrderJournalEntry } from '../client/index.js'
import {
  isPlain,
  type JournalReport,
  LinesDamaged,
  noFinding,
  readRegular,
  soundLines,
  soundNotes,
  splitLines,
  systemDisk,
  takeLock,
  textOf,
  writeLines,
} from '../disk/index.js'
import { decodeEntry } from './entry-codec.js'
import { orderJournalLines, parseOrderJournal } from './order-journal-file.js'

/** Every entry of a damaged file that is as it was written. */
const soundEntries = (bytes: Uint8Array): readonly OrderJournalEntry[] => {
  const texts = isPlain(bytes) ? Array.from(splitLines(bytes), textOf) : [...soundLines(bytes).values()]
  return texts.flatMap((text) => {
    const decoded = decodeEntry(text)
    return decoded._tag === 'Right' ? [decoded.right] : []
  })
}

/**
 * Looks for damage in an order journal's file, and changes nothing.
 * @throws NotRegularFile, and what the file system throws
 */
export const checkOrderJournal = (path: string): JournalReport => {
  const bytes = readRegular(realpathSync(path))
  try {
    const notes = soundNotes(parseOrderJournal(path, bytes), 'its order was never sent')
    return { path, finding: noFinding, isMendable: true, notes }
  } catch (error) {
    if (!(error instanceof LinesDamaged)) throw error
    const isMendable = soundEntries(bytes).length > 0
    return {
      ...{ path, finding: error.message, isMendable },
      notes: [
        isMendable
          ? 'repair keeps every line that is as it was written, in the order of their numbers'
          : 'no line of it is one of an order journal: put back a copy, or begin with another file',
      ],
    }
  }
}

/**
 * Keeps every entry that is as it was written. The file as it was stays beside it, with `.damaged`
 * at its name. Orders whose line is lost are not known any more: compare open orders and fills with
 * your own records.
 *
 * @throws LockHeld, an error in words where nothing can be kept, and what the file system throws
 */
export const repairOrderJournal = (path: string): readonly string[] => {
  const place = realpathSync(path)
  const unlock = takeLock(`${place}.lock`)
  try {
    const report = checkOrderJournal(place)
    if (report.finding === noFinding) return ['nothing to repair']
    if (!report.isMendable) throw new Error(`${place} cannot be repaired: ${report.finding}`)
    const bytes = readRegular(place)
    const entries = soundEntries(bytes)
    const lines = [...splitLines(bytes)].length
    copyFileSync(place, `${place}.damaged`)
    writeLines(
      systemDisk,
      `${place}.tmp`,
      orderJournalLines(entries, () => undefined),
    )
    systemDisk.rename(`${place}.tmp`, place)
    return [
      `${entries.length} entries of ${lines} lines are kept: an order whose line is lost is not known any more, look at open orders and fills`,
      `the file as it was is ${place}.damaged`,
    ]
  } finally {
    unlock()
  }
}
