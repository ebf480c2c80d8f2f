/** CPU time of the process, in ms. */
const cpuMs = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}

/** Dear to ask for: once for so many laps. */
const lapsPerLook = 100

/**
 * Times laps by the clock, and where one was longer than all before, by the CPU time as well: on a machine that others use too, the
 * processor may be taken from us for longer than any lap may take. The lesser of the two counts.
 */
export class Stopwatch {
  slowestMs = 0
  #laps = 0
  #lookedAt = { ms: performance.now(), cpuMs: cpuMs() }
  #startedAt = 0

  start(): void {
    if (this.#laps++ % lapsPerLook === 0) this.#lookedAt = { ms: performance.now(), cpuMs: cpuMs() }
    this.#startedAt = performance.now()
  }

  /** How long the lap took, in ms. */
  stop(): number {
    const tookMs = performance.now() - this.#startedAt
    if (tookMs <= this.slowestMs) return tookMs
    // What the laps since the last look took of the CPU is at most what they took by the clock.
    const before = this.#startedAt - this.#lookedAt.ms
    const ms = Math.min(tookMs, Math.max(0, cpuMs() - this.#lookedAt.cpuMs - before))
    this.slowestMs = Math.max(this.slowestMs, ms)
    return ms
  }
}
