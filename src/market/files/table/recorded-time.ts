import type { Row } from './row.js'

/** Rows may be out of order by this much: some feeds merge several sources. */
const TOLERANCE_MS = 1_000

/**
 * Makes a check of the times of rows, one after the other. It throws a RecordingError at the first
 * that lies more than a second before an earlier row: the rows are not in time order, or an earlier
 * one has a wrong time, and would be played at the wrong time.
 */
export const timeCheck = (): ((row: Row, timestamp: number) => void) => {
  let latest = -Infinity
  let line = 0
  return (row, timestamp) => {
    if (timestamp < latest - TOLERANCE_MS)
      throw row.wrong(
        `rows must be in time order, oldest first: this one is earlier than line ${line} (${instant(latest)}); sort the file, or correct that line; timestamp must be ${latest} or later`,
        String(timestamp),
      )
    if (timestamp <= latest) return
    latest = timestamp
    line = row.line
  }
}

/** An instant as ISO 8601, where it is one. */
export const instant = (timestamp: number): string =>
  Math.abs(timestamp) <= 8.64e15 ? new Date(timestamp).toISOString() : String(timestamp)
