import { defer, Observable, type SchedulerLike } from 'rxjs'
import type { Clock, Entropy } from '../../time/index.js'
import { type AdapterSession, keptOf, type NewOrder } from './exchange-adapter.js'

/** Distance between a client and its exchange. */
export interface Latency {
  /**
   * Delay of a command to the exchange, in ms. It takes its place in the queue on arrival:
   * meanwhile the book moves, an order may fill before its cancel arrives, and `valid_until` may
   * pass.
   *
   * @default 0
   */
  readonly inMs?: number
  /**
   * Delay of replies, notices and market data, in ms: the age of everything that a client sees.
   * @default 0
   */
  readonly outMs?: number
  /**
   * By how much each message takes longer, at random between 0 and this, in ms. None overtakes
   * another of the same login.
   * @default 0
   */
  readonly jitterMs?: number
}

export interface LatencyOptions extends Latency {
  /** For the jitter: seeded, the same run comes out the same. */
  readonly entropy: Pick<Entropy, 'uniform'>
  readonly clock: Clock
  readonly scheduler: SchedulerLike
}

/** With its defaults. @throws RangeError when a duration is negative or not finite */
export const wholeLatency = ({ inMs = 0, outMs = 0, jitterMs = 0 }: Latency): Required<Latency> => {
  for (const [name, ms] of Object.entries({ inMs, outMs, jitterMs })) {
    if (!(ms >= 0 && ms < Infinity)) throw new RangeError(`latency: ${name} must be 0 or more, not ${ms}`)
  }
  return { inMs, outMs, jitterMs }
}

/** A way on which everything takes its time, and nothing overtakes. */
class DelayLine {
  readonly #delayMs: () => number
  readonly #clock: Clock
  readonly #scheduler: SchedulerLike
  readonly #underWay: (() => void)[] = []
  #lastDue = -Infinity

  constructor(delayMs: () => number, { clock, scheduler }: LatencyOptions) {
    this.#delayMs = delayMs
    this.#clock = clock
    this.#scheduler = scheduler
  }

  put(arrive: () => void): void {
    // Not the scheduler's own clock: the wall may be set back by an hour, and what is on its way
    // must not wait for that.
    const now = this.#clock.monotonic()
    const due = Math.max(this.#lastDue, now + this.#delayMs())
    this.#lastDue = due
    if (due <= now && this.#underWay.length === 0) {
      arrive()
      return
    }
    this.#underWay.push(arrive)
    // Each timer takes the oldest and not its own: those that a machine rounds to the same instant
    // fire in no promised order.
    this.#scheduler.schedule(() => this.#underWay.shift()?.(), Math.max(0, due - now))
  }
}

/**
 * Delays a session: commands arrive `inMs` later, replies and events `outMs` later, each with
 * jitter and in order. A command in transit arrives even after unsubscription. Keep the sum of both
 * ways below `answerWithinMs` of the gateway, or orders end with an unknown outcome.
 *
 * @throws RangeError when a duration is negative or not finite
 */
export const withLatency = (session: AdapterSession, options: LatencyOptions): AdapterSession => {
  const { inMs, outMs, jitterMs } = wholeLatency(options)
  const { entropy } = options
  // Whole ms: times of the exchange are.
  const there = new DelayLine(() => Math.round(inMs + entropy.uniform() * jitterMs), options)
  const back = new DelayLine(() => Math.round(outMs + entropy.uniform() * jitterMs), options)

  const returning = <A>(source$: Observable<A>): Observable<A> =>
    new Observable((subscriber) =>
      source$.subscribe({
        next: (value) => back.put(() => subscriber.next(value)),
        error: (error: unknown) => back.put(() => subscriber.error(error)),
        complete: () => back.put(() => subscriber.complete()),
      }),
    )
  const asked =
    <Args extends unknown[], A>(command: (...args: Args) => Observable<A>) =>
    (...args: Args): Observable<A> =>
      new Observable((subscriber) => {
        // Not undone by unsubscribing: a sent command cannot be recalled.
        there.put(() => void returning(defer(() => command(...args))).subscribe(subscriber))
      })
  return {
    ...keptOf(session),
    event$: returning(session.event$),
    placeOrder: asked((order: NewOrder) => session.placeOrder(order)),
    cancelOrder: asked((request: Parameters<AdapterSession['cancelOrder']>[0]) => session.cancelOrder(request)),
    openOrders: asked((symbol: string) => session.openOrders(symbol)),
    asset: asked(() => session.asset()),
    position: asked((symbol: string) => session.position(symbol)),
    symbolInfo: asked((symbol: string) => session.symbolInfo(symbol)),
  }
}
