import { catchError, concatMap, from, map, type Observable, of, toArray } from 'rxjs'
import type { CancelResult } from '../../protocol/index.js'
import type { CancelRequest } from '../command.js'
import { Unresolved } from '../errors/errors.js'

type Cancel = (request: CancelRequest) => Observable<readonly CancelResult[]>

/** Outcome of one part: its results, or its error. */
interface Part {
  readonly order_nos: readonly string[]
  readonly results?: readonly CancelResult[]
  readonly error?: Error
}

/** So many numbers of sixty characters go into 64 KiB, the largest frame that a gateway takes. */
const MOST_AT_ONCE = 1_000

const partsOf = (order_nos: readonly string[]): readonly (readonly string[])[] =>
  Array.from({ length: Math.ceil(order_nos.length / MOST_AT_ONCE) }, (_, nth) =>
    order_nos.slice(nth * MOST_AT_ONCE, (nth + 1) * MOST_AT_ONCE),
  )

const joined = (parts: readonly Part[]): readonly CancelResult[] => {
  const errors = parts.flatMap(({ error }) => error ?? [])
  const gravest =
    errors.find((error) => error instanceof Unresolved) ?? (errors.length === parts.length ? errors[0] : undefined)
  if (gravest !== undefined) throw gravest
  // Others went through: so what was refused, or never sent, concerns its own orders alone.
  return parts.flatMap(
    ({ order_nos, results, error }) =>
      results ?? order_nos.map((order_no) => ({ order_no, result: false, error_message: error?.message ?? '' })),
  )
}

/**
 * Cancels however many orders in frames that a gateway takes, one after another: it closes the
 * socket of a larger one, with all its logins; and asked again over the next, that one as well. All
 * parts are tried. Errors with Unresolved if the outcome of any is not known, or if none of them
 * went through.
 */
export const inParts =
  (cancel: Cancel): Cancel =>
  ({ symbol, order_nos }) =>
    order_nos.length <= MOST_AT_ONCE
      ? cancel({ symbol, order_nos })
      : from(partsOf(order_nos)).pipe(
          concatMap((part) =>
            cancel({ symbol, order_nos: part }).pipe(
              map((results): Part => ({ order_nos: part, results })),
              catchError((error: unknown) => of<Part>({ order_nos: part, error: error as Error })),
            ),
          ),
          toArray(),
          map(joined),
        )
