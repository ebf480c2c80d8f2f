import type { RateLimit } from './limits.js'

/** Items within the time of a rate limit. */
export const recent = <T>(
  items: readonly T[],
  at: (item: T) => number,
  { withinMs }: RateLimit,
  now: number,
): readonly T[] => {
  // The clock may be set back: items with a later time count as recent.
  return items.filter((item) => now - at(item) < withinMs)
}

export const identity = (at: number) => at
export const whenSent = ({ at }: { readonly at: number }) => at
