import { Observable, type OperatorFunction } from 'rxjs'

/** Settings of `asOf`. */
export interface AsOfOptions<Left, Right> {
  /** Returns the time of an item of the first series, in ms. */
  readonly at: (left: Left) => number
  /** Returns the time of an item of the other series, in ms. */
  readonly otherAt: (right: Right) => number
  /**
   * Largest age of the other series' item, in ms. Emits nothing if all items are older.
   * @default Infinity
   */
  readonly toleranceMs?: number
  /** Number of items of the other series to keep. @default 1000 */
  readonly keep?: number
}

/**
 * Aligns two series in time without look-ahead. Pairs each item of the first series with the newest
 * item of the other series that is not stamped later and has arrived already. An item of the other
 * series that is stamped later is never used, even if it arrived earlier, as it does when one feed
 * is slower.
 *
 * ```ts
 * const at = ({ timestamp }: Ticker) => timestamp
 * okexTicker$.pipe(asOf(huobiTicker$, { at, otherAt: at, toleranceMs: 2_000 }))
 * ```
 *
 * ![asOf in marbles](../../../marbles/signals/as-of.svg)
 */
export const asOf =
  <Left, Right>(
    other$: Observable<Right>,
    { at, otherAt, toleranceMs = Infinity, keep = 1_000 }: AsOfOptions<Left, Right>,
  ): OperatorFunction<Left, readonly [Left, Right]> =>
  (series$) =>
    new Observable((subscriber) => {
      const buffered: Right[] = []
      const remember = (right: Right) => {
        // Sorted by stamp; of equal stamps the later arrival counts as newer.
        let place = buffered.length
        for (const time = otherAt(right); place > 0; place -= 1) {
          const before = buffered[place - 1]
          if (before === undefined || otherAt(before) <= time) break
        }
        buffered.splice(place, 0, right)
        if (buffered.length > keep) buffered.shift()
      }
      const pair = (left: Left) => {
        const time = at(left)
        const right = buffered.findLast((item) => otherAt(item) <= time)
        if (right !== undefined && time - otherAt(right) <= toleranceMs) subscriber.next([left, right])
      }
      // Subscribe to the other series first: at one instant its item must arrive before the
      // pairing.
      const others = other$.subscribe({
        next: remember,
        error: (error: unknown) => subscriber.error(error),
      })
      subscriber.add(others)
      subscriber.add(
        series$.subscribe({
          next: pair,
          error: (error: unknown) => subscriber.error(error),
          complete: () => subscriber.complete(),
        }),
      )
    })
