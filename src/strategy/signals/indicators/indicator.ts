import { filter, map, Observable, type OperatorFunction } from 'rxjs'

/** Part of the interface of a trading-signals indicator that `indicator` uses. */
export interface Indicator<In, Out> {
  readonly isStable: boolean
  add(input: In): unknown
  getResult(): Out | null
}

/** False for NaN and infinities, alone or as a property. */
const isFinite = (value: unknown): boolean =>
  (typeof value === 'object' && value !== null ? Object.values(value) : [value]).every(
    (part) => typeof part !== 'number' || Number.isFinite(part),
  )

/**
 * Runs any indicator of trading-signals as an operator: emits one result per input once the
 * indicator is stable. Each subscription creates its own indicator, so that two strategies never
 * share one. Skips inputs that are not finite: a single NaN would stay in a moving average. Skips
 * results that are not finite too, such as the CCI of a constant price.
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
          filter((input) => input !== undefined && input !== null && isFinite(input)),
          map((input) => {
            made.add(input)
            return made.isStable ? made.getResult() : null
          }),
          filter((result): result is Exclude<typeof result, null> => result !== null && isFinite(result)),
        )
        .subscribe(subscriber)
    })
