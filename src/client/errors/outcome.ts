import { catchError, map, type Observable, type OperatorFunction, of, throwError } from 'rxjs'
import { type CommandError, isCommandError } from './errors.js'

/** End of a command, as a value. Switch on `_tag`. */
export type Outcome<T> = { readonly _tag: 'Done'; readonly value: T } | CommandError

/**
 * Turns a command's errors into values, for strategies that must not die of a refusal. An error
 * that is none of NotSent, Rejected, Unresolved or the refusal of a guard stays an error.
 *
 * @example
 * ```ts
 * account.placeOrder(order).pipe(outcome()).subscribe((end) => {
 *   if (end._tag === 'Unresolved') console.warn(end.message)
 * })
 * ```
 */
export function outcome<T>(): OperatorFunction<T, Outcome<T>> {
  return (source): Observable<Outcome<T>> =>
    source.pipe(
      map((value): Outcome<T> => ({ _tag: 'Done', value })),
      catchError((error: unknown) => (isCommandError(error) ? of(error) : throwError(() => error))),
    )
}
