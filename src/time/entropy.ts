/**
 * Where randomness comes from. A seeded one is for tests only: a seeded id repeats, and a cid that repeats could match
 * an old reply to a new order.
 */
export interface Entropy {
  /** A number in [0, 1), for jitter. */
  uniform(): number
  /** An id that nobody can guess and that no other call, process or machine will ever give again. */
  id(): string
}
