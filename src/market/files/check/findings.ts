import { RecordingError } from '../recording-error.js'

/** Places that are named for each kind of fault; more are counted. */
const MOST_PLACES = 3

/** Collects the faults of a file, by kind. */
export class Findings {
  readonly #kinds = new Map<string, { count: number; readonly places: string[] }>()
  readonly #words: string[] = []

  constructor(private readonly unit: 'line' | 'row') {}

  /** Counts a fault of a kind, at a line. */
  add(kind: string, line: number, detail = '', count = 1): void {
    const known = this.#kinds.get(kind) ?? { count: 0, places: [] }
    known.count += count
    known.places.push(...(known.places.length < MOST_PLACES ? [`${this.unit} ${line}${detail && ` (${detail})`}`] : []))
    this.#kinds.set(kind, known)
  }

  /** Adds a fault in words. */
  say(words: string): void {
    this.#words.push(words)
  }

  fail({ line, reason }: RecordingError): void {
    this.add('rows that cannot be read', line, reason)
  }

  /** Returns the result of reading a row; undefined, with a fault, where it cannot be read. */
  try<A>(read: () => A): A | undefined {
    try {
      return read()
    } catch (error) {
      if (!(error instanceof RecordingError)) throw error
      this.fail(error)
      return undefined
    }
  }

  words(): readonly string[] {
    const counted = Array.from(
      this.#kinds,
      ([kind, { count, places }]) => `${count} ${kind}: ${places.join(', ')}${count > places.length ? ', …' : ''}`,
    )
    return [...counted, ...this.#words]
  }
}
