import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { StringDecoder } from 'node:string_decoder'
import { createGunzip } from 'node:zlib'

/** The lines of one piece of a file, and how far reading has come. */
export interface Lines {
  readonly lines: readonly string[]
  /** Bytes of the file as it lies on the disk, compressed if it is. */
  readonly bytesRead: number
  readonly bytesTotal: number
}

/** A line longer than this is no CSV of ours; without a limit one could fill the memory. */
const MAX_LINE = 1 << 20

/** They say nothing of the file, and there may be several. */
const isOfZlib = (error: unknown): error is Error =>
  typeof error === 'object' && error !== null && 'code' in error && String(error.code).startsWith('Z_')

/**
 * Reads a text file, gzip if its name ends in `.gz`, piece by piece in flat memory. The last line
 * needs no line end.
 */
export async function* textLines(file: string): AsyncGenerator<Lines> {
  const stats = await stat(file)
  // A FIFO may never have anything to read.
  if (!stats.isFile()) throw new Error(`${file} is no regular file`)
  const bytesTotal = stats.size
  const raw = createReadStream(file)
  const text = file.endsWith('.gz') ? raw.pipe(createGunzip()) : raw
  // `pipe` passes no errors on.
  raw.on('error', (error) => text.destroy(error))
  const decoder = new StringDecoder('utf8')
  let rest = ''
  try {
    // Who reads several files wants to know at once how much there is.
    yield { lines: [], bytesRead: 0, bytesTotal }
    for await (const piece of text as AsyncIterable<Buffer>) {
      const lines = (rest + decoder.write(piece)).split(/\r?\n/)
      rest = lines.pop() ?? ''
      if (rest.length > MAX_LINE) throw new RangeError(`${file} has a line of more than ${MAX_LINE} characters`)
      yield { lines, bytesRead: raw.bytesRead, bytesTotal }
    }
    rest += decoder.end()
    yield { lines: rest === '' ? [] : [rest], bytesRead: bytesTotal, bytesTotal }
  } catch (error) {
    if (!isOfZlib(error)) throw error
    throw new Error(`${file}: ${error.message}`, { cause: error })
  } finally {
    raw.destroy()
    text.destroy()
  }
}
