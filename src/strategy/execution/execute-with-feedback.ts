import { type Observable, type Subscriber, tap } from 'rxjs'
import type { Account } from '../../client/index.js'
import { execute } from './execute.js'
import type { ExecuteOptions } from './execute-options.js'
import type { Intent } from '../intent.js'
import type { IntentOutcome } from '../outcome.js'

/**
 * Settings of `execute` for operators that react to outcomes: an order of unknown outcome would be
 * placed twice if they traded on.
 */
export interface FeedbackOptions extends Omit<ExecuteOptions, 'concurrency' | 'onUnknown'> {
  /**
   * Reaction to an order of unknown outcome. `hold`: sends no further orders for that symbol until
   * it is resolved. `stop`: ends the strategy. The order is never sent again.
   * @default hold
   */
  readonly onUnknown?: 'hold' | 'stop'
}

/**
 * Executes intents that react to outcomes. The subscriber receives each outcome first: the reaction
 * may cause another outcome at once, which must come behind it.
 */
export const executeWithFeedback = (
  intents$: Observable<Intent>,
  account: Account,
  options: FeedbackOptions,
  subscriber: Subscriber<IntentOutcome>,
  onOutcome: (outcome: IntentOutcome) => void,
): void => {
  const emit = (outcome: IntentOutcome) => {
    subscriber.next(outcome)
    onOutcome(outcome)
  }
  subscriber.add(
    // In the stream, where an exception becomes its error, so that open orders are cancelled.
    intents$.pipe(execute(account, options), tap(emit)).subscribe({
      error: (error: unknown) => subscriber.error(error),
      complete: () => subscriber.complete(),
    }),
  )
}
