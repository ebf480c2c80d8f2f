import type { Order } from '../../../protocol/index.js'

/** Where an order stands. */
export type Phase = 'open' | 'canceled' | 'failed' | 'filled'

/** The phase of a status. A word that we do not know is open: nothing says that the order has ended. */
export const phaseOf = (status: string): Phase => {
  switch (status) {
    case 'FILLED':
      return 'filled'
    case 'CANCELED':
      return 'canceled'
    case 'FAILED':
      return 'failed'
    default:
      return 'open'
  }
}

/** Whether an order of this status can still trade. */
export const isOpen = (status: string): boolean => phaseOf(status) === 'open'

/** What an update does to what is known of an order. */
export type Move =
  /** It is news. */
  | { readonly kind: 'applied' }
  /** It says what is known already. */
  | { readonly kind: 'duplicate' }
  /** It is older than what is known, and nothing is lost by dropping it. */
  | { readonly kind: 'stale' }
  /** It is out of turn, but final, so it is taken all the same. */
  | { readonly kind: 'repaired'; readonly why: string }
  /** It cannot follow what is known. */
  | { readonly kind: 'refused'; readonly why: string }

const same = (a: Order, b: Order): boolean =>
  a.status === b.status &&
  a.remain === b.remain &&
  a.utime === b.utime &&
  a.price === b.price &&
  a.quantity === b.quantity

/**
 * Whether an order notice may follow what earlier notices said. Notices rank by utime, but an end is never undone and
 * never missed: dropped for its utime, it would leave an order open for ever. FILLED beats CANCELED, since the fill
 * and the cancel may cross on their way (so nautilus_trader, whose machine allows Canceled → Filled as well).
 */
export const moveOf = (known: Order, update: Order): Move => {
  if (same(known, update)) return { kind: 'duplicate' }
  const from = phaseOf(known.status)
  const to = phaseOf(update.status)

  if (from === 'filled') {
    if (to === 'filled') return { kind: 'applied' }
    return { kind: 'refused', why: `it was FILLED, which is final, and is called ${update.status} now` }
  }
  if (from !== 'open') {
    if (to === 'filled') return { kind: 'repaired', why: `it was called ${known.status}, and was FILLED after all` }
    if (to === 'open')
      return { kind: 'refused', why: `it has ended as ${known.status}, and is called ${update.status} now` }
    return { kind: 'applied' }
  }
  if (to !== 'open') {
    return update.utime < known.utime
      ? { kind: 'repaired', why: `its end as ${update.status} came after a later notice` }
      : { kind: 'applied' }
  }
  // NONE means that the server does not know: it takes nothing back.
  if (update.status === 'NONE' || update.utime < known.utime) return { kind: 'stale' }
  // In the same millisecond only less can remain.
  if (update.utime === known.utime && update.remain > known.remain) return { kind: 'stale' }
  return { kind: 'applied' }
}
