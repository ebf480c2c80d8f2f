import type { SchedulerLike } from 'rxjs'

/** Settings of `execute`. */
export interface ExecuteOptions {
  /**
   * `per-symbol`: executes the intents of a symbol one after another, each after the outcome of the
   * one before, and symbols side by side. `parallel`: executes each at once (then an order may be
   * sent before the reply to the cancel that it followed).
   * @default per-symbol
   */
  readonly concurrency?: 'per-symbol' | 'parallel'
  /**
   * Largest age of an order from intent to sending, in ms; an older one is NotSent.
   * @default 5000
   */
  readonly orderMaxAgeMs?: number
  /**
   * Reaction to an order of unknown outcome. `hold`: sends no further orders for that symbol
   * (NotSent: unresolved) until it is resolved. `stop`: ends the strategy. `continue`: trades on.
   * The order is never sent again.
   * @default hold
   */
  readonly onUnknown?: 'hold' | 'stop' | 'continue'
  /**
   * Longest `hold` for one order, in ms. After that trading of the symbol continues, although the
   * outcome of the order is not known; the order stays in `unresolved$`. Risk: if it exists after
   * all, it fills, or rests in the book, in addition to later orders.
   * @default Infinity: until evidence comes, or its entry of `unresolved$` is closed by hand
   */
  readonly releaseUnknownAfterMs?: number
  /**
   * Reaction to an order that is rejected, denied by the risk engine or not sent.
   * @default continue
   */
  readonly onRefusal?: 'continue' | 'stop'
  /**
   * Reaction to open orders when the intents end, fail or are unsubscribed from. `cancel`: cancels
   * those placed here. `cancel-all`: cancels all orders of the symbols traded here. `wait`:
   * completes after their end. `leave`: leaves them open.
   * @default cancel
   */
  readonly onEnd?: 'cancel' | 'cancel-all' | 'wait' | 'leave'
  /** Longest wait for the end of cancelled orders before completing, in ms. @default 5000 */
  readonly endWithinMs?: number
  /**
   * Longest wait of a `replace` for the end of the old order, in ms; after that the new one is not
   * placed.
   * @default 5000
   */
  readonly replaceWithinMs?: number
  /** Measures ages and waits. @default asyncScheduler */
  readonly scheduler?: SchedulerLike
}
