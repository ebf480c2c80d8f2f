import { StringDecoder } from 'node:string_decoder'
import { stat } from 'node:fs/promises'
import { RecordingError } from '../recording-error.js'
import { contentOf } from './content.js'
import { type Packing, unpacked } from './unpack.js'

/** The lines of one piece of a file, and how far reading has come. */
export interface Lines {
  readonly lines: readonly string[]
  /** Bytes of the file as it lies on the disk, compressed if it is. */
  readonly bytesRead: number
  readonly bytesTotal: number
}

/** A line longer than this is no CSV of ours; without a limit one could fill the memory. */
const MAX_LINE = 1 << 20

/**
 * Reads a text file, gzip or a zip of one file by its content, piece by piece in flat memory. The
 * last line needs no line end.
 */
export async function* textLines(file: string, packing?: Packing): AsyncGenerator<Lines> {
  const how = packing ?? (await contentOf(file)).packing
  const bytesTotal = (await stat(file)).size
  const decoder = new StringDecoder('utf8')
  let rest = ''
  let line = 0
  // The sum of several files needs the size of each at once.
  yield { lines: [], bytesRead: 0, bytesTotal }
  for await (const { piece, bytesRead } of unpacked(file, how)) {
    const lines = linesOf(rest + decoder.write(piece))
    rest = lines.pop() ?? ''
    line += lines.length
    if (rest.length > MAX_LINE)
      throw new RecordingError(file, line + 1, `a line of more than ${MAX_LINE} characters: is it a table?`)
    yield { lines, bytesRead, bytesTotal }
  }
  rest += decoder.end()
  yield { lines: rest === '' ? [] : [rest], bytesRead: bytesTotal, bytesTotal }
}

/** Line ends of Windows are rare, and without them lines are found five times as fast. */
const linesOf = (text: string): string[] => text.split(text.includes('\r') ? /\r?\n/ : '\n')
