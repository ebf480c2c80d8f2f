import type { Terminal } from '../../src/cli/output/output.js'

/** As much of a terminal as the live picture needs: what stands on it after all that was written. */
export class Screen implements Terminal {
  columns = 80
  rows = 24
  cursorHidden = false
  #lines: string[] = ['']
  #row = 0
  #resized: (() => void) | undefined

  get text(): string {
    return this.#lines.map((line) => line.trimEnd()).join('\n')
  }

  on(_event: 'resize', listener: () => void): void {
    this.#resized = listener
  }
  off(): void {
    this.#resized = undefined
  }
  resize(columns: number): void {
    this.columns = columns
    this.#resized?.()
  }

  write(text: string): void {
    // eslint-disable-next-line no-control-regex -- that is what a terminal is told
    for (const [piece] of text.matchAll(/\u001B\[\??\d*[A-Za-z]|[\s\S]/gu)) this.#take(piece)
  }

  #take(piece: string): void {
    const [, digits = '', letter = ''] = /^.\[\??(\d*)([A-Za-z])$/.exec(piece) ?? []
    if (piece === '\n') {
      this.#row++
      this.#lines[this.#row] ??= ''
    } else if (letter === 'A') this.#row = Math.max(0, this.#row - Number(digits))
    else if (letter === 'J') {
      if (digits === '2') this.#lines = ['']
      else this.#lines = [...this.#lines.slice(0, this.#row), '']
    } else if (letter === 'H') this.#row = 0
    else if (letter === 'h' || letter === 'l') this.cursorHidden = letter === 'l'
    // A line is written from its beginning to its end, which is all that is used.
    else if (letter === 'K') this.#fresh = true
    else if (letter === '' && piece !== '\r') {
      if (this.#at !== this.#row || this.#fresh) this.#lines[this.#row] = ''
      this.#at = this.#row
      this.#fresh = false
      this.#lines[this.#row] = (this.#lines[this.#row] ?? '') + piece
    }
    if (piece === '\n' || piece === '\r' || letter === 'A' || letter === 'H') this.#fresh = true
  }
  #at = 0
  #fresh = true
}
