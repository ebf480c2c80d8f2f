import { concatMap, type MonoTypeOperatorFunction, scan } from 'rxjs'

interface Stray<T> {
  /** Stamp of the last item that was passed on, in ms. */
  readonly latest: number | undefined
  /** Item whose stamp no other has confirmed yet. */
  readonly held: T | undefined
  readonly passed: readonly T[]
}

/**
 * Drops single items whose stamp is more than `farMs` from the one before, such as a row in microseconds among milliseconds. An item
 * after such a jump waits for the next: if that is near it, the jump was real and both are passed on; else it is dropped.
 */
export const withoutStrayStamps = <T>(at: (item: T) => number, farMs: number): MonoTypeOperatorFunction<T> => {
  const near = (time: number, other: number) => Math.abs(time - other) <= farMs
  const step = ({ latest, held }: Stray<T>, item: T): Stray<T> => {
    const time = at(item)
    if (latest === undefined || near(time, latest)) return { latest: time, held: undefined, passed: [item] }
    if (held !== undefined && near(time, at(held))) return { latest: time, held: undefined, passed: [held, item] }
    return { latest, held: item, passed: [] }
  }
  return (items$) =>
    items$.pipe(
      scan(step, { latest: undefined, held: undefined, passed: [] } as Stray<T>),
      concatMap(({ passed }) => passed),
    )
}
