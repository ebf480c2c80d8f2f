export {
  encodeLine,
  encodeLines,
  inHex,
  isPlain,
  LinesDamaged,
  type LinePosition,
  type LinesRead,
  noLines,
  readLines,
  readPlainLines,
  soundLines,
  splitLines,
  textOf,
} from './checked-lines.js'
export { CheckedLog, type CheckedLogOptions, type LogEnd } from './checked-log.js'
export { type Disk, systemDisk } from './disk.js'
export { type JournalReport, noFinding, soundNotes } from './journal-report.js'
export { LockHeld, takeLock } from './lock.js'
export { checkRegular, NotRegularFile, openRegular, readRegular } from './regular-file.js'
export { flushFolder, writeLines } from './whole-file.js'
