import { filter, map, Observable, type OperatorFunction } from 'rxjs'

/** The part of an indicator of trading-signals that is needed here. */
export interface Indicator<In, Out> {
  readonly isStable: boolean
  add(input: In): unknown
  getResult(): Out | null
}

const usable = (input: unknown): boolean =>
  typeof input === 'object' && input !== null
    ? Object.values(input).every((value) => typeof value !== 'number' || Number.isFinite(value))
    : Number.isFinite(input)

/**
 * Any indicator of trading-signals as an operator: one result per input, from the first that rests on enough inputs. Each subscription
 * makes its own indicator, so that two strategies never feed one. An input that is not finite is passed over: a single
 * NaN would poison a moving average for good.
 *
 * ```ts
 * import { HMA } from 'trading-signals'
 * prices$.pipe(indicator(() => new HMA(9)))
 * ```
 *
 * ![indicator in marbles](../../../marbles/signals/indicator.svg)
 */
export const indicator =
  <In, Out>(make: () => Indicator<In, Out>): OperatorFunction<In, Out> =>
  (inputs$) =>
    new Observable((subscriber) => {
      const made = make()
      return inputs$
        .pipe(
          filter((input) => usable(input)),
          map((input) => {
            made.add(input)
            return made.isStable ? made.getResult() : null
          }),
          filter((result) => result !== null),
        )
        .subscribe(subscriber)
    })
