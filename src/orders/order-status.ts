import type { Order } from '../protocol/index.js'

/** Phase of an order's life. */
export type Phase = 'open' | 'canceled' | 'failed' | 'filled'

/**
 * The phase of a status. A word that we do not know is open: nothing says that the order has ended.
 */
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

/** True while an order of this status can still trade. */
export const isOpen = (status: string): boolean => phaseOf(status) === 'open'

/** Status of an order that has ended. */
export type EndStatus = 'FILLED' | 'CANCELED' | 'FAILED'

/** True for a status in which an order can no longer trade. */
export const isEnd = (status: string): status is EndStatus => !isOpen(status)

/**
 * True where `status` is news after `known`. An end is never undone, but FILLED beats CANCELED and
 * FAILED, since the fill and the cancel may cross on their way (nautilus_trader's state machine
 * allows Canceled → Filled as well).
 */
export const mayFollow = (known: string, status: string): boolean =>
  !isEnd(known) || (known !== 'FILLED' && status === 'FILLED')

/** Effect of an update on the known state of an order. */
export type Transition =
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
 * Decides the effect of an order notice on the known state. Notices rank by utime, but an end is
 * never undone and never dropped: without it an order would stay open. See {@link mayFollow} for
 * FILLED after CANCELED.
 */
export const transitionOf = (known: Order, update: Order): Transition => {
  if (same(known, update)) return { kind: 'duplicate' }
  const from = phaseOf(known.status)
  const to = phaseOf(update.status)

  if (from === 'filled') {
    if (to === 'filled') return { kind: 'applied' }
    return { kind: 'refused', why: `it was FILLED, which is final, and is called ${update.status} now` }
  }
  if (from !== 'open') {
    if (mayFollow(known.status, update.status))
      // mutant: filled-beats-canceled
      return { kind: 'repaired', why: `it was called ${known.status}, and was FILLED after all` }
    if (to === 'open')
      // mutant: ended-stays-ended
      return { kind: 'refused', why: `it has ended as ${known.status}, and is called ${update.status} now` }
    return { kind: 'applied' }
  }
  if (to !== 'open') {
    return update.utime < known.utime
      ? { kind: 'repaired', why: `its end as ${update.status} came after a later notice` }
      : { kind: 'applied' }
  }
  // NONE means that the server does not know: it takes nothing back.
  // mutant: older-notice
  if (update.status === 'NONE' || update.utime < known.utime) return { kind: 'stale' }
  // In the same millisecond only less can remain.
  if (update.utime === known.utime && update.remain > known.remain) return { kind: 'stale' }
  return { kind: 'applied' }
}
