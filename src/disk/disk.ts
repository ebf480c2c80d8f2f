import { fsyncSync, ftruncateSync, renameSync, writeSync } from 'node:fs'

/** The calls that change what is on a disk; a test makes them fail. */
export interface Disk {
  write(file: number, bytes: Uint8Array): number
  truncate(file: number, length: number): void
  /** Returns when all that was written is on the disk itself, and outlives a loss of power. */
  flush(file: number): void
  rename(from: string, to: string): void
}

export const systemDisk: Disk = {
  write: (file, bytes) => writeSync(file, bytes),
  truncate: ftruncateSync,
  flush: fsyncSync,
  rename: renameSync,
}
