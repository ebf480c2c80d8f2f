import type { RecordingError } from '../recording-error.js'

/** Unit of the times of a file. */
export type TimeUnit = 's' | 'ms' | 'µs' | 'ns' | 'date'

const WORDS: Readonly<Record<TimeUnit, string>> = {
  s: 'seconds',
  ms: 'milliseconds',
  µs: 'microseconds',
  ns: 'nanoseconds',
  date: 'dates',
}

/** Name of a unit, in the plural. */
export const unitInWords = (unit: TimeUnit): string => WORDS[unit]

/** Part of a row that tells where a time is wrong. */
export interface TimeRow {
  readonly line: number
  wrong(what: string, was: string): RecordingError
}

/**
 * Reads the times of a file as milliseconds since 1970. The first one decides the unit, by its
 * magnitude: seconds, ms, µs and ns of the years 1973 to 5138 do not overlap. Times finer than a
 * millisecond are rounded down.
 */
export class Times {
  unit: TimeUnit | undefined
  #notes: string[] = []

  /**
   * @param mayChange true where a later row may have another unit, which is noted; otherwise it is
   * refused
   */
  constructor(
    private readonly file: string,
    private readonly mayChange: boolean,
  ) {}

  read(value: unknown, row: TimeRow, name = 'timestamp'): number {
    const time = typeof value === 'string' ? fromText(value) : fromValue(value)
    if (time === undefined) {
      const expected =
        this.unit === undefined
          ? 'milliseconds since 1970 (or seconds, microseconds, nanoseconds, or a date such as 2024-01-31T00:00:00Z)'
          : this.unit === 'date'
            ? 'a date such as 2024-01-31T00:00:00Z'
            : `${WORDS[this.unit]} since 1970`
      throw row.wrong(`${name} must be ${expected}`, shown(value))
    }
    if (time.unit !== this.unit) this.#change(time.unit, row, name, value)
    return time.ms
  }

  takeNotes(): readonly string[] {
    const notes = this.#notes
    this.#notes = []
    return notes
  }

  #change(unit: TimeUnit, row: TimeRow, name: string, value: unknown): void {
    if (this.unit !== undefined) {
      if (!this.mayChange)
        throw row.wrong(
          `${name} must be ${WORDS[this.unit]} since 1970, and these look like ${WORDS[unit]}`,
          shown(value),
        )
      this.#notes.push(`${this.file}, line ${row.line}: times in ${WORDS[unit]} from here on`)
    }
    this.unit = unit
  }
}

const shown = (value: unknown): string =>
  typeof value === 'string' ? value : typeof value === 'bigint' ? value.toString() : JSON.stringify(value)

interface Time {
  readonly unit: TimeUnit
  readonly ms: number
}

/** Unit by magnitude; undefined for what is no time after 1973. */
export const unitOf = (value: number): Exclude<TimeUnit, 'date'> | undefined =>
  !(value >= 1e8) || value >= 1e20 ? undefined : value < 1e11 ? 's' : value < 1e14 ? 'ms' : value < 1e17 ? 'µs' : 'ns'

const fromText = (text: string): Time | undefined => {
  const value = Number(text)
  if (value >= 1e11 && value < 1e14) return { unit: 'ms', ms: value }
  if (Number.isNaN(value)) {
    const ms = dateMs(text)
    return ms === undefined ? undefined : { unit: 'date', ms }
  }
  const unit = unitOf(value)
  // A double has no room for all nanoseconds since 1970.
  if (unit === 'ns' && /^\d+$/.test(text)) return { unit, ms: Number(text.slice(0, -6)) }
  return unit === undefined ? undefined : { unit, ms: inMs(value, unit) }
}

const fromValue = (value: unknown): Time | undefined => {
  if (value instanceof Date) return { unit: 'date', ms: value.getTime() }
  if (typeof value === 'bigint') {
    const unit = unitOf(Number(value))
    if (unit === 'ns') return { unit, ms: Number(value / 1_000_000n) }
    return unit === undefined ? undefined : { unit, ms: inMs(Number(value), unit) }
  }
  if (typeof value !== 'number') return undefined
  const unit = unitOf(value)
  return unit === undefined ? undefined : { unit, ms: inMs(value, unit) }
}

const inMs = (value: number, unit: Exclude<TimeUnit, 'date'>): number => {
  if (unit === 'ms') return Math.floor(value)
  // 1704067200.123 * 1000 is a little below a whole number.
  if (unit === 's') return Math.floor(value * 1_000 + 1e-3)
  return Math.floor(value / (unit === 'µs' ? 1_000 : 1_000_000))
}

const DATE =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d)(?::(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?|-(AM|PM))?)? ?(Z|UTC|[+-]\d\d:?(?:\d\d)?)?$/i

/**
 * Reads a date of ISO 8601 (with a space instead of the T, too) as ms since 1970; in UTC where it
 * names no zone. Undefined for anything else, such as 01/02/2024, which means two days.
 */
export const dateMs = (text: string): number | undefined => {
  const found = DATE.exec(text.trim())
  if (found === null) return undefined
  const part = (index: number) => Number(found[index] ?? 0)
  const half = found[8]?.toUpperCase()
  const hour = half === undefined ? part(4) : (part(4) % 12) + (half === 'PM' ? 12 : 0)
  const fraction = Math.floor(Number(`0.${found[7] ?? '0'}`) * 1_000 + 1e-6)
  const day = Date.UTC(part(1), part(2) - 1, part(3))
  const isDay = new Date(day).getUTCDate() === part(3) && new Date(day).getUTCMonth() === part(2) - 1
  if (!isDay || hour > 23 || part(5) > 59 || part(6) > 59) return undefined
  const zone = found[9]?.toUpperCase() ?? 'Z'
  const sign = zone.startsWith('-') ? -1 : 1
  const digits = zone.replace(/\D/g, '')
  const offsetMs = sign * (Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2))) * 60_000
  return day + ((hour * 60 + part(5)) * 60 + part(6)) * 1_000 + fraction - offsetMs
}
