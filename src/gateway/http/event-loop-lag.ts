import type { Sample } from './metric-text.js'

const everyMs = 20
/** In seconds, as Prometheus wants it. */
const bounds = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, Infinity]

/**
 * Lag of timers: the time for which one task blocks all others. A histogram with fixed bounds,
 * which, unlike quantiles, can be evaluated over any span and added up over gateways.
 */
export class EventLoopLag {
  readonly #counts = bounds.map(() => 0)
  #count = 0
  #sum = 0
  #timer: ReturnType<typeof setInterval> | undefined

  start(): void {
    let due = performance.now() + everyMs
    this.#timer ??= setInterval(() => {
      const now = performance.now()
      this.#add(Math.max(0, now - due) / 1_000)
      due = now + everyMs
    }, everyMs)
    // The measurement must not keep the process alive.
    this.#timer.unref()
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  get samples(): readonly Sample[] {
    let below = 0
    return [
      ...bounds.map((le, i): Sample => ({ suffix: '_bucket', labels: { le }, value: (below += this.#counts[i] ?? 0) })),
      { suffix: '_sum', value: this.#sum },
      { suffix: '_count', value: this.#count },
    ]
  }

  #add(seconds: number): void {
    const bucket = bounds.findIndex((bound) => seconds <= bound)
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1
    this.#count++
    this.#sum += seconds
  }
}
