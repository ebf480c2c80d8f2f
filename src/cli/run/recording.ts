import { closeSync, ftruncateSync, writeSync } from 'node:fs'
import { openRegular } from '../../disk/index.js'
import { CliError } from '../cli-error.js'

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
const isThere = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'EEXIST'

export interface Recording {
  /** Writes a line; throws once the recording has failed. */
  readonly write: (line: string) => void
  readonly close: () => void
}

/**
 * Opens a new file for a recording, readable by its owner alone. Lines survive a crash of the
 * process. An existing file or link is never replaced.
 *
 * @param onFailure - called once with the reason why the recording ends; written lines stay
 * @throws CliError
 */
export const openRecording = (file: string, onFailure: (failure: CliError) => void): Recording => {
  let descriptor: number
  try {
    descriptor = openRegular(file, 'create new')
  } catch (error) {
    if (isThere(error)) throw new CliError(`${file} is there already; give --record another name`)
    throw new CliError(`cannot write the recording ${file}: ${wordsOf(error)}`)
  }
  let size = 0
  let failure: CliError | undefined
  return {
    write: (line) => {
      if (failure !== undefined) throw failure
      const bytes = Buffer.from(`${line}\n`)
      try {
        const written = writeSync(descriptor, bytes)
        if (written < bytes.length) throw new Error(`only ${written} of ${bytes.length} bytes could be written`)
        size += written
      } catch (error) {
        failure = new CliError(`the recording ${file} ends here: ${wordsOf(error)}`)
        try {
          ftruncateSync(descriptor, size)
        } catch {
          // Readers skip an incomplete last line.
        }
        onFailure(failure)
        throw failure
      }
    },
    close: () => closeSync(descriptor),
  }
}
