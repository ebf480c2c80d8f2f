import { closeSync, fsyncSync, ftruncateSync, openSync, renameSync, writeSync } from 'node:fs'

/** The calls that change what is on the disk; a test makes them fail. */
export interface JournalDisk {
  write(file: number, bytes: Uint8Array): number
  truncate(file: number, length: number): void
  /** Returns when all that was written is on the disk itself, and outlives a loss of power. */
  flush(file: number): void
  rename(from: string, to: string): void
}

export const systemDisk: JournalDisk = {
  write: (file, bytes) => writeSync(file, bytes),
  truncate: ftruncateSync,
  flush: fsyncSync,
  rename: renameSync,
}

/** Writes a line or nothing. Throws when it is nothing. */
export const appendLine = (disk: JournalDisk, file: number, line: string, size: number, flush: boolean): number => {
  const bytes = Buffer.from(`${line}\n`)
  let isWhole = false
  try {
    const written = disk.write(file, bytes)
    if (written < bytes.length) throw new Error(`only ${written} of ${bytes.length} bytes could be written`)
    if (flush) disk.flush(file)
    isWhole = true
  } finally {
    // A full disk may take part of a line, and nothing may stand behind that.
    if (!isWhole) disk.truncate(file, size)
  }
  return bytes.length
}

/** Bytes that are given to the disk at once: a snapshot of many accounts is larger than a string may be. */
const pieceBytes = 1_048_576

/**
 * Writes a file that is there whole or not at all, whatever is killed or loses power meanwhile. Returns its size.
 *
 * @throws what the disk throws; then the file is not there
 */
export const writeWhole = (disk: JournalDisk, path: string, lines: Iterable<string>): number => {
  const file = openSync(`${path}.tmp`, 'w', 0o600)
  let size = 0
  try {
    let piece = ''
    const give = (): void => {
      const bytes = Buffer.from(piece)
      for (let at = 0; at < bytes.length; ) {
        const written = disk.write(file, bytes.subarray(at))
        if (written === 0) throw new Error('the disk takes nothing')
        at += written
      }
      size += bytes.length
      piece = ''
    }
    for (const line of lines) {
      piece += `${line}\n`
      if (piece.length >= pieceBytes) give()
    }
    give()
    disk.flush(file)
  } finally {
    closeSync(file)
  }
  disk.rename(`${path}.tmp`, path)
  return size
}

/** What was created, renamed or deleted in a folder is so after a loss of power too. */
export const flushFolder = (disk: JournalDisk, folder: string): void => {
  // There a folder is no file, and cannot be flushed.
  if (process.platform === 'win32') return
  const file = openSync(folder, 'r')
  try {
    disk.flush(file)
  } finally {
    closeSync(file)
  }
}
