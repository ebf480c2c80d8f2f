/**
 * The longest delay that a timer of the platform keeps, in ms (24.8 days): a longer one comes at
 * once, Infinity too.
 */
export const LONGEST_TIMER_MS = 2 ** 31 - 1
