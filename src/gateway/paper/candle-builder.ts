import type { Kline, Trade } from '../../protocol/index.js'

/** Sums of binary fractions grow a tail; twelve digits are more than any volume has. */
const tidy = (sum: number): number => Number(sum.toPrecision(12))

type Mutable<A> = { -readonly [K in keyof A]: A[K] }

/** Makes candles of one symbol out of its trades. */
export class CandleBuilder {
  readonly #period: string
  readonly #periodMs: number
  /** The candle under way; never given away, since it changes. */
  #candle: Mutable<Kline> | undefined

  constructor(period: string, periodMs: number) {
    this.#period = period
    this.#periodMs = periodMs
  }

  /** The candle of the latest trade's period. */
  get candle(): Kline | undefined {
    return this.#candle === undefined ? undefined : { ...this.#candle }
  }

  /**
   * Takes in a trade; gives back the candle that it ended, if it is the first of another period.
   */
  add({ symbol, price, quantity, timestamp }: Trade): Kline | undefined {
    const start = timestamp - (timestamp % this.#periodMs)
    const last = this.#candle
    if (last?.timestamp === start) {
      if (price > last.high) last.high = price
      if (price < last.low) last.low = price
      last.close = price
      // Tidied at each step: the sum of many trades would otherwise be off in the last digits.
      last.volume = tidy(last.volume + quantity)
      return undefined
    }
    this.#candle = {
      symbol,
      period: this.#period,
      open: price,
      high: price,
      low: price,
      close: price,
      volume: quantity,
      timestamp: start,
    }
    return last
  }
}
