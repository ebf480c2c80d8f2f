import type { Observable, Subscriber } from 'rxjs'
import type { Account } from '../client/index.js'
import { execute } from './execute.js'
import type { ExecuteOptions } from './execute-options.js'
import type { Intent } from './intent.js'
import type { Outcome } from './outcome.js'

/**
 * Executes intents that are made in answer to outcomes: each outcome is told to the subscriber first and heard then, for what is heard may
 * make the next intent at once, whose outcome must not come before it.
 */
export const steer = (
  intents$: Observable<Intent>,
  account: Account,
  options: ExecuteOptions,
  subscriber: Subscriber<Outcome>,
  heard: (outcome: Outcome) => void,
): void =>
  subscriber.add(
    intents$.pipe(execute(account, options)).subscribe({
      next: (outcome) => {
        subscriber.next(outcome)
        heard(outcome)
      },
      error: (error: unknown) => subscriber.error(error),
      complete: () => subscriber.complete(),
    }),
  )
