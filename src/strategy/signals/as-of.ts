import { Observable, type OperatorFunction } from 'rxjs'

/** Settings of `asOf`. */
export interface AsOfOptions<Left, Right> {
  /** When an item of the first series happened, in ms. */
  readonly at: (left: Left) => number
  /** When an item of the other series happened, in ms. */
  readonly otherAt: (right: Right) => number
  /** How old the other's item may be, in ms; with only older ones nothing is emitted. @default Infinity */
  readonly toleranceMs?: number
  /** How many items of the other series are kept to choose from. @default 1000 */
  readonly keep?: number
}

/**
 * Aligns two series in time without looking ahead: each item of the first is paired with the newest item of the other that had
 * happened by then (by their own stamps) and had arrived by now. An item of the other that is stamped later is never used, even
 * when it came earlier, as it does when one feed is slower than the other.
 *
 * ```ts
 * okexTicker$.pipe(asOf(huobiTicker$, { at: (t) => t.timestamp, otherAt: (t) => t.timestamp, toleranceMs: 2_000 }))
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
      const known: Right[] = []
      const remember = (right: Right) => {
        // Kept in order of their stamps; of equal ones the later arrival counts as newer.
        let place = known.length
        for (const time = otherAt(right); place > 0; place -= 1) {
          const before = known[place - 1]
          if (before === undefined || otherAt(before) <= time) break
        }
        known.splice(place, 0, right)
        if (known.length > keep) known.shift()
      }
      const pair = (left: Left) => {
        const time = at(left)
        const right = known.findLast((item) => otherAt(item) <= time)
        if (right !== undefined && time - otherAt(right) <= toleranceMs) subscriber.next([left, right])
      }
      // The other series comes first, so that at one instant it is known when the first one asks.
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
