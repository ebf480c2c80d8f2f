import type { Disk } from './disk.js'

/**
 * Writes a line or nothing, in one call: a process that is killed meanwhile leaves at most a torn
 * line. Returns its bytes.
 *
 * @param size - of the file before
 * @param flush - true if it must be on the disk itself when this returns
 * @throws what the disk throws; then nothing of the line is there
 */
export const appendLine = (disk: Disk, file: number, line: string, size: number, flush: boolean): number => {
  const bytes = Buffer.from(`${line}\n`)
  let isWhole = false
  try {
    const written = disk.write(file, bytes)
    if (written < bytes.length) throw new Error(`only ${written} of ${bytes.length} bytes could be written`)
    if (flush) disk.flush(file)
    isWhole = true
  } finally {
    // A full disk may take part of a line, and nothing may stand behind that.
    // mutant: half-line-is-cut
    if (!isWhole) disk.truncate(file, size)
  }
  return bytes.length
}
