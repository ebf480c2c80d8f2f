import { bookEvents } from '../books/book-csv.js'
import { RecordingError } from '../recording-error.js'
import { type Recording, recordingOf, type RecordingOptions } from '../recording.js'
import { instant } from '../table/recorded-time.js'
import { checkCandles } from './check-candles.js'
import { checkTrades } from './check-trades.js'
import { Findings } from './findings.js'

/** State of a file of market data. */
export interface FileReport {
  readonly file: string
  /** Meaning of the file, number of rows and time that they cover. */
  readonly facts: readonly string[]
  /** Faults; none in a sound file. */
  readonly findings: readonly string[]
}

/**
 * Checks a file of market data: rows that cannot be read, order, gaps, duplicates, volumes of zero
 * and prices far off their neighbours. All faults of a file are found, not only the first.
 */
export const checkFile = async (file: string, options: RecordingOptions = {}): Promise<FileReport> => {
  try {
    const recording = await recordingOf(file, options)
    const { facts, findings } = await checks[recording.kind](recording)
    return { file, facts: [recording.words, ...facts], findings }
  } catch (error) {
    const message = typeof error === 'object' && error !== null && 'message' in error ? error.message : undefined
    if (typeof message !== 'string') throw error
    return { file, facts: [], findings: [message] }
  }
}

type Check = (recording: Recording) => Promise<Omit<FileReport, 'file'>>

/** Rebuilds the book: a hole in its updates empties it until the next snapshot. */
const checkBook: Check = async (recording) => {
  const findings = new Findings(recording.unit)
  let snapshots = 0
  let updates = 0
  let holes = 0
  let firstMs = Infinity
  let lastMs = -Infinity
  try {
    for await (const piece of bookEvents(recording))
      for (const event of piece) {
        if (event.type === 'progress') continue
        firstMs = Math.min(firstMs, event.timestamp)
        lastMs = Math.max(lastMs, event.timestamp)
        if (event.type === 'levels') updates += 1
        else if (event.type === 'quote' && event.bids?.length === 0 && event.asks?.length === 0) holes += 1
        else snapshots += 1
      }
  } catch (error) {
    if (!(error instanceof RecordingError)) throw error
    findings.fail(error)
  }
  if (holes > 0) findings.say(`${holes} gaps: updates are missing, and the book is empty until the next snapshot`)
  const facts = [`${snapshots} snapshots and ${updates} updates, ${instant(firstMs)} to ${instant(lastMs)}`]
  return { facts, findings: findings.words() }
}

/** Reads each row and its time. */
const checkRates: Check = async (recording) => {
  const findings = new Findings(recording.unit)
  let rows = 0
  for await (const piece of recording.rows())
    for (const row of piece.rows) {
      rows += 1
      findings.try(() => row.milliseconds(0))
    }
  return { facts: [`${rows} rows`], findings: findings.words() }
}

const checks: Readonly<Record<Recording['kind'], Check>> = {
  candles: checkCandles,
  trades: checkTrades,
  book: checkBook,
  rates: checkRates,
}
