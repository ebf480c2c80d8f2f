import { closeSync, openSync, rmSync } from 'node:fs'
import type { Disk } from './disk.js'
import { openRegular } from './regular-file.js'

/** Bytes that are given to the disk at once: all of a file may be more than a string can hold. */
const pieceBytes = 1_048_576

/**
 * Writes a new file of lines, flushed unless `flush` is false, so that it can be renamed to where
 * one is that it takes the place of: then there is the one or the other, whatever is killed or
 * loses power meanwhile. Returns its size.
 */
export const writeLines = (
  disk: Disk,
  path: string,
  lines: Iterable<string>,
  { flush = true }: { readonly flush?: boolean } = {},
): number => {
  // Removes the file of a killed process; a link would lead the lines into another file.
  rmSync(path, { force: true })
  const file = openRegular(path, 'create new')
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
    if (flush) disk.flush(file)
  } finally {
    closeSync(file)
  }
  return size
}

/** Makes creations, renames and deletions in a folder survive a loss of power. */
export const flushFolder = (disk: Disk, folder: string): void => {
  // There a folder is no file, and cannot be flushed.
  if (process.platform === 'win32') return
  const file = openSync(folder, 'r')
  try {
    disk.flush(file)
  } finally {
    closeSync(file)
  }
}
