/** Speed of a run by the machine's clock. */
export interface Pace {
  /** Events of the market per second. */
  readonly perSecond?: number
  /** Time until the end of the market, in ms. */
  readonly etaMs?: number
}

const SHORTEST_MS = 200

/**
 * Measures the speed of a run. Undefined figures are left out: a rate over less than 200 ms says
 * little.
 *
 * @param now - the machine's clock, in ms; virtual time would measure itself
 */
export function paceMeter(now: () => number): (played: number, done: number, total: number) => Pace {
  const startedAt = now()
  return (played, done, total) => {
    const elapsedMs = now() - startedAt
    if (elapsedMs < SHORTEST_MS) return {}
    const left = done > 0 && total > 0 ? ((total - done) / done) * elapsedMs : undefined
    return {
      perSecond: Math.round((played / elapsedMs) * 1_000),
      ...(left === undefined ? {} : { etaMs: Math.max(0, Math.round(left)) }),
    }
  }
}
