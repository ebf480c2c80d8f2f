import { closeSync, openSync, writeSync } from 'node:fs'
import { Trouble } from './trouble.js'

/** A file that a recording is written to, line by line: what was seen before a crash is there after it. */
export const openRecording = (file: string): { readonly write: (line: string) => void; readonly close: () => void } => {
  let descriptor: number
  try {
    descriptor = openSync(file, 'w', 0o600)
  } catch (error) {
    throw new Trouble(`cannot write the recording ${file}: ${error instanceof Error ? error.message : String(error)}`)
  }
  return {
    write: (line) => {
      writeSync(descriptor, `${line}\n`)
    },
    close: () => closeSync(descriptor),
  }
}
