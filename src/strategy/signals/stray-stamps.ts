import { concatMap, type MonoTypeOperatorFunction, scan } from 'rxjs'

interface Stray<T> {
  /** Stamp of the last item that was emitted, in ms. */
  readonly latest: number | undefined
  /** Item whose stamp is not confirmed by another item. */
  readonly unconfirmed: T | undefined
  readonly emitted: readonly T[]
}

/**
 * Drops single items whose stamp is more than `farMs` from the previous one, such as a row in
 * microseconds among milliseconds. An item after such a jump waits for the next item. If that is
 * near it, the jump is real and both are emitted; otherwise the item is dropped.
 */
export const withoutStrayStamps = <T>(at: (item: T) => number, farMs: number): MonoTypeOperatorFunction<T> => {
  const near = (time: number, other: number) => Math.abs(time - other) <= farMs
  const step = ({ latest, unconfirmed }: Stray<T>, item: T): Stray<T> => {
    const time = at(item)
    if (latest === undefined || near(time, latest)) return { latest: time, unconfirmed: undefined, emitted: [item] }
    if (unconfirmed !== undefined && near(time, at(unconfirmed)))
      return { latest: time, unconfirmed: undefined, emitted: [unconfirmed, item] }
    return { latest, unconfirmed: item, emitted: [] }
  }
  return (items$) =>
    items$.pipe(
      scan(step, { latest: undefined, unconfirmed: undefined, emitted: [] } as Stray<T>),
      concatMap(({ emitted }) => emitted),
    )
}
