export { appendLine } from './append-line.js'
export { type Disk, systemDisk } from './disk.js'
export { LockHeld, takeLock } from './lock.js'
export { flushFolder, writeLines } from './whole-file.js'
