import type { SchedulerLike } from 'rxjs'

/** Settings of `execute`. */
export interface ExecuteOptions {
  /**
   * `per-symbol`: the intents of a symbol one after another, in order, each waiting for the outcome of the one before;
   * symbols side by side. `parallel`: each as it comes (then an order may be sent before the reply to the cancel it followed).
   * @default per-symbol
   */
  readonly concurrency?: 'per-symbol' | 'parallel'
  /** How old an order may get, from intent to wire, in ms; older it ends NotSent. Cancels do not age. @default 5000 */
  readonly orderMaxAgeMs?: number
  /**
   * What to do about an order whose fate is not known. `hold`: no further orders for that symbol (NotSent: unsettled)
   * until it is settled. `stop`: end the strategy. `continue`: trade on. It is never sent again in any case.
   * @default hold
   */
  readonly onUnknown?: 'hold' | 'stop' | 'continue'
  /**
   * Longest time that `hold` lasts for one order, in ms. After that the symbol is traded on, although the outcome of the order is not known; the
   * order stays in `unsettled$`. Risk: if it was made after all, it is filled, or stands in the book, in addition to what is placed then.
   * @default Infinity: until evidence comes, or its entry of `unsettled$` is closed by hand
   */
  readonly releaseUnknownAfterMs?: number
  /** What to do when an order is rejected, refused by the risk gate or not sent: go on, or end the strategy. @default continue */
  readonly onRefusal?: 'continue' | 'stop'
  /**
   * What to do about open orders when the intents end, fail or are unsubscribed from. `cancel`: those placed here.
   * `cancel-all`: all orders of the symbols traded here. `wait`: stay until they are over. `leave`: let them be.
   * @default cancel
   */
  readonly onEnd?: 'cancel' | 'cancel-all' | 'wait' | 'leave'
  /** How long to listen for the end of cancelled orders before completing, in ms. @default 5000 */
  readonly endWithinMs?: number
  /** How long a `replace` waits to hear that the old order is gone; after that the new one is not placed. @default 5000 */
  readonly replaceWithinMs?: number
  /** What ages and waits are measured by. @default asyncScheduler */
  readonly scheduler?: SchedulerLike
}
