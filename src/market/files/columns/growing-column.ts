import type { Column } from './column-file.js'

const FIRST_ROWS = 1_024
const MOST_WORDS = 0xffff

/** A column of numbers that grows. */
export class GrowingNumbers {
  #values = new Float64Array(FIRST_ROWS)
  #rows = 0

  constructor(private readonly name: string) {}

  /** @param value NaN for none */
  push(value: number): void {
    if (this.#rows === this.#values.length) {
      const larger = new Float64Array(2 * this.#rows)
      larger.set(this.#values)
      this.#values = larger
    }
    this.#values[this.#rows] = value
    this.#rows += 1
  }

  column(): Column {
    return { name: this.name, values: this.#values.subarray(0, this.#rows) }
  }
}

/** A column of words of which there are few. */
export class GrowingWords {
  readonly #numbers: GrowingNumbers
  readonly #words = new Map<string, number>()

  constructor(private readonly name: string) {
    this.#numbers = new GrowingNumbers(name)
  }

  /** @throws RangeError where there are too many different words */
  push(word: string): void {
    let number = this.#words.get(word)
    if (number === undefined) {
      number = this.#words.size
      if (number > MOST_WORDS)
        throw new RangeError(`more than ${MOST_WORDS} different words in the column ${this.name}`)
      this.#words.set(word, number)
    }
    this.#numbers.push(number)
  }

  column(): Column {
    return { name: this.name, values: Uint16Array.from(this.#numbers.column().values), words: [...this.#words.keys()] }
  }
}
