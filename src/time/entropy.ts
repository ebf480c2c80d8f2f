/**
 * Source of randomness. Use a seeded one in tests only: its ids repeat, and a repeated cid could
 * match an old reply to a new order.
 */
export interface Entropy {
  /** A number in [0, 1), for jitter. */
  uniform(): number
  /** Returns an unguessable id that is unique across calls, processes and machines. */
  id(): string
}
