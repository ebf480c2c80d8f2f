import type { RateLimit } from './limits.js'

/** Those within a pace's time. */
export const recent = <T>(
  items: readonly T[],
  at: (item: T) => number,
  { withinMs }: RateLimit,
  now: number,
): readonly T[] => {
  // Clocks may be set back: what seems to lie ahead counts as recent.
  return items.filter((item) => now - at(item) < withinMs)
}

export const identity = (at: number) => at
export const whenSent = ({ at }: { readonly at: number }) => at
