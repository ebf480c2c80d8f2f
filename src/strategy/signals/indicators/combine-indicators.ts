import { Observable, type OperatorFunction, Subject } from 'rxjs'

/**
 * Runs several indicators over one series in step. Emits the results of all indicators for an
 * input, from the first input for which every indicator has a result. (`zip` would pair the first
 * result of a slow average with the first of a fast one, which belong to different prices.) The
 * operators must emit synchronously, as the indicators here do; a later result is ignored.
 *
 * ```ts
 * // emits { close, fast, slow }
 * closes$.pipe(combineIndicators({ close: map(identity), fast: ema(12), slow: ema(26) }))
 * ```
 *
 * ![combineIndicators in marbles](../../../marbles/signals/combine-indicators.svg)
 */
export const combineIndicators =
  <In, Results extends Readonly<Record<string, unknown>>>(
    operators: {
      readonly [Name in keyof Results]: OperatorFunction<In, Results[Name]>
    },
  ): OperatorFunction<In, Readonly<Results>> =>
  (inputs$) =>
    new Observable((subscriber) => {
      const input$ = new Subject<In>()
      const names = Object.keys(operators) as (keyof Results & string)[]
      let results = new Map<keyof Results & string, unknown>()
      for (const name of names) {
        subscriber.add(
          operators[name](input$).subscribe({
            next: (result) => results.set(name, result),
            error: (error: unknown) => subscriber.error(error),
          }),
        )
      }
      subscriber.add(
        inputs$.subscribe({
          next: (input) => {
            results = new Map()
            input$.next(input)
            // In the order of the definition; the cast is safe, as every name has a result.
            if (results.size === names.length)
              subscriber.next(Object.fromEntries(names.map((name) => [name, results.get(name)])) as Results)
          },
          error: (error: unknown) => subscriber.error(error),
          complete: () => subscriber.complete(),
        }),
      )
    })
