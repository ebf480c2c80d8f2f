import { Observable, type OperatorFunction } from 'rxjs'

/**
 * Emits when the first line crosses the second: `up` from below to above, `down` from above to
 * below. A touch is not a crossing: below, equal, below emits nothing; below, equal, above emits
 * `up` once. The first pair only sets the initial side.
 *
 * ```ts
 * closes$.pipe(
 *   combineIndicators({ fast: ema(12), slow: ema(26) }),
 *   map(({ fast, slow }) => [fast, slow] as const),
 *   crossover(),
 * )
 * ```
 *
 * ![crossover in marbles](../../../marbles/signals/crossover.svg)
 */
export const crossover = (): OperatorFunction<readonly [line: number, other: number], 'up' | 'down'> => (pairs$) =>
  new Observable((subscriber) => {
    let side = 0
    return pairs$.subscribe({
      next: ([line, other]) => {
        const now = Math.sign(line - other)
        // 0 is a touch; NaN is skipped.
        if (now !== 1 && now !== -1) return
        const before = side
        side = now
        if (before !== 0 && before !== now) subscriber.next(now === 1 ? 'up' : 'down')
      },
      error: (error: unknown) => subscriber.error(error),
      complete: () => subscriber.complete(),
    })
  })
