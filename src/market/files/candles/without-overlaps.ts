import { periodInWords } from './candle-period.js'
import type { CandlePiece, CandleSource, SpannedCandle } from './candle-spans.js'
import { RecordingError } from '../recording-error.js'
import { instant } from '../table/recorded-time.js'

/** Candles that are noted one by one; more are not. */
const MOST_NOTES = 3

/** One file under way. */
interface Reading {
  readonly source: CandleSource
  spans: readonly SpannedCandle[]
  index: number
  bytesRead: number
  bytesTotal: number
  isOver: boolean
}

/**
 * Merges files of one symbol in time order. A candle that begins before the one before it has ended
 * is left out and noted; of two that begin together the one of the earlier file stays. Files of
 * different periods are refused.
 */
export async function* withoutOverlaps(sources: readonly CandleSource[]): AsyncGenerator<CandlePiece> {
  const readings = sources.map(
    (source): Reading => ({ source, spans: [], index: 0, bytesRead: 0, bytesTotal: 0, isOver: false }),
  )
  let notes: string[] = []
  let coveredMs = -Infinity
  let left = 0
  const refill = async (reading: Reading): Promise<boolean> => {
    let moved = false
    while (!reading.isOver && reading.index >= reading.spans.length) {
      const next = await reading.source.pieces.next()
      moved = true
      if (next.done === true) {
        reading.isOver = true
        break
      }
      const { value } = next
      reading.spans = value.spans
      reading.index = 0
      reading.bytesRead = value.bytesRead
      reading.bytesTotal = value.bytesTotal
      notes.push(...value.notes)
    }
    return moved
  }
  try {
    let spans: SpannedCandle[] = []
    for (;;) {
      let moved = false
      for (const reading of readings) moved = (await refill(reading)) || moved
      if (moved) {
        checkPeriods(sources)
        const sum = (of: (reading: Reading) => number) => readings.reduce((all, reading) => all + of(reading), 0)
        yield { spans, bytesRead: sum(({ bytesRead }) => bytesRead), bytesTotal: sum((each) => each.bytesTotal), notes }
        spans = []
        notes = []
      }
      const next = earliest(readings)
      if (next === undefined) return
      const span = next.spans[next.index++]
      if (span === undefined) continue
      if (span.startMs < coveredMs) {
        left += 1
        if (left <= MOST_NOTES)
          notes.push(`${next.source.file}: the candle of ${instant(span.startMs)} is in another file, and left out`)
        continue
      }
      coveredMs = span.endMs
      spans.push(span)
    }
  } finally {
    await Promise.all(readings.map(async ({ source }) => source.pieces.return(undefined)))
  }
}

const earliest = (readings: readonly Reading[]): Reading | undefined => {
  let first: Reading | undefined
  let startMs = Infinity
  for (const reading of readings) {
    const span = reading.spans[reading.index]
    if (span === undefined || span.startMs >= startMs) continue
    first = reading
    startMs = span.startMs
  }
  return first
}

const checkPeriods = (sources: readonly CandleSource[]): void => {
  const [first, ...others] = sources.filter(({ period }) => period !== undefined)
  const name = first?.period === undefined ? '' : periodInWords(first.period)
  const other = others.find(({ period }) => period !== undefined && periodInWords(period) !== name)
  if (first === undefined || other?.period === undefined) return
  throw new RecordingError(
    other.file,
    1,
    `it holds candles of ${periodInWords(other.period)}, and ${first.file} candles of ${name} of the same symbol: give the files of one period`,
    other.unit,
  )
}
