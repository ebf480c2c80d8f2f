import { type Observable, type Subscriber, tap } from 'rxjs'
import type { Account } from '../client/index.js'
import { execute } from './execute.js'
import type { ExecuteOptions } from './execute-options.js'
import type { Intent } from './intent.js'
import type { IntentOutcome } from './outcome.js'

/**
 * Settings of `execute` for whoever keeps a position or an order by what becomes of his intents: an order of unknown fate is one that he would place
 * twice if he traded on.
 */
export interface SteerOptions extends Omit<ExecuteOptions, 'concurrency' | 'onUnknown'> {
  /**
   * What to do about an order whose fate is not known. `hold`: no further orders for that symbol until it is settled. `stop`: end the strategy. It is
   * never sent again in any case.
   * @default hold
   */
  readonly onUnknown?: 'hold' | 'stop'
}

/**
 * Executes intents that are made in answer to outcomes: each outcome is told to the subscriber first and heard then, for what is heard may
 * make the next intent at once, whose outcome must not come before it.
 */
export const steer = (
  intents$: Observable<Intent>,
  account: Account,
  options: SteerOptions,
  subscriber: Subscriber<IntentOutcome>,
  heard: (outcome: IntentOutcome) => void,
): void => {
  const hear = (outcome: IntentOutcome) => {
    subscriber.next(outcome)
    heard(outcome)
  }
  subscriber.add(
    // In the stream, where what is thrown is an error of it, and open orders are seen to: in a handler it would end the process.
    intents$.pipe(execute(account, options), tap(hear)).subscribe({
      error: (error: unknown) => subscriber.error(error),
      complete: () => subscriber.complete(),
    }),
  )
}
