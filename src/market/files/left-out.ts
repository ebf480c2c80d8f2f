import { RecordingError } from './recording-error.js'

/** Maps the names in a file to symbols, and keeps track of those that are left out. */
export class SymbolsOfFile {
  #used = false
  readonly #leftOut = new Set<string>()
  #notes: string[] = []

  constructor(
    private readonly file: string,
    private readonly symbolOf: (name: string) => string | undefined,
  ) {}

  /** Symbol of a name; undefined for one that is left out. */
  of(name: string): string | undefined {
    const symbol = this.symbolOf(name)
    if (symbol !== undefined) this.#used = true
    else if (!this.#leftOut.has(name)) {
      this.#leftOut.add(name)
      this.#notes.push(`${this.file}: ${JSON.stringify(name)} is left out, since it is no known spot pair`)
    }
    return symbol
  }

  /** Notes since the last call. */
  takeNotes(): readonly string[] {
    const notes = this.#notes
    this.#notes = []
    return notes
  }

  /** @throws RecordingError when all names of the file were left out */
  end(): void {
    if (this.#used || this.#leftOut.size === 0) return
    const names = [...this.#leftOut].slice(0, 5).join(', ')
    throw new RecordingError(
      this.file,
      1,
      `it holds ${names}${this.#leftOut.size > 5 ? ' …' : ''}, and no known spot pair: give the symbol of a file as BTC/USDT=FILE`,
    )
  }
}
