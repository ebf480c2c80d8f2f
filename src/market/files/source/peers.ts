import { RecordingError } from '../recording-error.js'

/** Loads an optional package; without it, errors with the command that installs it. */
export const peer = async (file: string, format: string, names: readonly string[]): Promise<unknown[]> => {
  try {
    return await Promise.all(names.map((name) => import(name) as Promise<unknown>))
  } catch (error) {
    if (!isMissing(error)) throw error
    throw new RecordingError(
      file,
      1,
      `${format} is read by ${names.join(' and ')}, which ${names.length > 1 ? 'are' : 'is'} not installed: npm install ${names.join(' ')}`,
    )
  }
}

const isMissing = (error: unknown): boolean =>
  typeof error === 'object' &&
  error !== null &&
  'code' in error &&
  (error.code === 'ERR_MODULE_NOT_FOUND' || error.code === 'MODULE_NOT_FOUND')
