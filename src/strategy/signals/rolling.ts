import { Observable, type OperatorFunction } from 'rxjs'

/** Statistics of a window. */
export interface WindowStatistics {
  readonly count: number
  readonly mean: number
  /** Standard deviation of the sample (n - 1); 0 for a single value. */
  readonly deviation: number
  readonly min: number
  readonly max: number
  readonly first: number
  readonly last: number
}

/** Length of a window: a number of values, or a time span by the stamps of the values. */
export type RollingOptions<T> =
  | {
      readonly count: number
      readonly value: (item: T) => number
    }
  | {
      /** Time span in ms. Items older than the newest by this or more leave the window. */
      readonly withinMs: number
      /** Returns the time of an item, in ms. Must not decrease. */
      readonly at: (item: T) => number
      readonly value: (item: T) => number
    }

const statisticsOf = (values: readonly number[]): WindowStatistics => {
  const count = values.length
  let sum = 0
  let min = Infinity
  let max = -Infinity
  for (const value of values) {
    sum += value
    min = Math.min(min, value)
    max = Math.max(max, value)
  }
  const mean = sum / count
  let squares = 0
  for (const value of values) squares += (value - mean) ** 2
  // Computed from scratch each time: running sums of squares drift, and go negative on a flat
  // price.
  const deviation = count > 1 ? Math.sqrt(squares / (count - 1)) : 0
  return { count, mean, deviation, min, max, first: values[0] ?? NaN, last: values[count - 1] ?? NaN }
}

/**
 * Computes statistics of a sliding window: of the last `count` values, from the first full window,
 * or of the values of the last `withinMs`, from the first value. Each value costs O(window length).
 *
 * ```ts
 * trades$.pipe(rolling({ withinMs: 60_000, at: (t) => t.timestamp, value: (t) => t.price }))
 * ```
 *
 * ![rolling in marbles](../../../marbles/signals/rolling.svg)
 */
export const rolling =
  <T>(options: RollingOptions<T>): OperatorFunction<T, WindowStatistics> =>
  (items$) =>
    new Observable((subscriber) => {
      const values: number[] = []
      const times: number[] = []
      return items$.subscribe({
        next: (item) => {
          values.push(options.value(item))
          if ('count' in options) {
            if (values.length > options.count) values.shift()
            if (values.length === options.count) subscriber.next(statisticsOf(values))
            return
          }
          const now = options.at(item)
          times.push(now)
          const kept = times.findIndex((time) => time > now - options.withinMs)
          times.splice(0, kept)
          values.splice(0, kept)
          subscriber.next(statisticsOf(values))
        },
        error: (error: unknown) => subscriber.error(error),
        complete: () => subscriber.complete(),
      })
    })
