import { Observable, type OperatorFunction, Subject } from 'rxjs'

/**
 * Runs several indicators over one series, in step: emits, for each input, what all of them said to that very input, once
 * all of them say something. (`zip` would pair the first result of a slow average with the first of a fast one, which belong to
 * different prices.) The operators must answer at once, as the indicators here do; a result that comes later is not used.
 *
 * ```ts
 * closes$.pipe(combineIndicators({ close: map(identity), fast: ema(12), slow: ema(26) }))   // { close, fast, slow }
 * ```
 *
 * ![study in marbles](../../../marbles/signals/study.svg)
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
            // Rebuilt in the order of the definition; every name is there, so it is a Results.
            if (results.size === names.length)
              subscriber.next(Object.fromEntries(names.map((name) => [name, results.get(name)])) as Results)
          },
          error: (error: unknown) => subscriber.error(error),
          complete: () => subscriber.complete(),
        }),
      )
    })
