import { concat, defer, finalize, type Observable, Subscription, throwError } from 'rxjs'
import type { Account } from '../account.js'
import { LoginFailed } from '../errors/errors.js'
import type { Credentials, LoginOptions } from '../gateway.js'
import type { OrderJournal } from '../orders/order-journal.js'
import { invalidLogin } from './login-attempt.js'
import type { RunningLogin } from './running-login.js'

interface Shared {
  readonly running: RunningLogin
  /** Its terms, to refuse other terms under the same key. */
  readonly terms: Terms
  subscribers: number
  /** Our own: on the login's end, and then on its ending. */
  readonly watch: Subscription
}

interface Terms {
  readonly inWords: string
  /** By identity: what is promised is that orders are written to this one. */
  readonly journal: OrderJournal | undefined
}

const termsOf = ({ symbols, secret_key }: Credentials, options: LoginOptions): Terms => ({
  inWords: JSON.stringify([
    [...symbols].sort(),
    secret_key,
    [...(options.market ?? [])].sort(),
    options.cancelOnDisconnect === true,
    options.exclusiveAccount === true,
    options.resyncEveryMs,
  ]),
  journal: options.journal,
})

const areSame = (a: Terms, b: Terms): boolean => a.inWords === b.inWords && a.journal === b.journal

/**
 * The journals of logins that are not over, whichever gateway they are at: a second login would
 * take the orders of the first for left ones of its own, and send them again, to another account.
 */
const journalsInUse = new WeakSet<OrderJournal>()

const isTaken = ({ journal }: Terms): boolean => journal !== undefined && journalsInUse.has(journal)

/**
 * Lets the subscribers to one platform and access_key share one login. The last to leave ends it
 * (it drains, logs out and lets go of the socket); a subscriber that comes meanwhile waits for
 * that, since the server would refuse it.
 */
export function shareLogins(
  run: (credentials: Credentials, options: LoginOptions) => RunningLogin,
): (credentials: Credentials, options: LoginOptions) => Observable<Account> {
  const logins = new Map<string, Shared>()

  const begin = (key: string, terms: Terms, credentials: Credentials, options: LoginOptions): Shared => {
    const shared: Shared = {
      running: run(credentials, options),
      terms,
      subscribers: 0,
      watch: new Subscription(),
    }
    logins.set(key, shared)
    if (terms.journal !== undefined) journalsInUse.add(terms.journal)
    const gone = (): void => {
      if (logins.get(key) === shared) logins.delete(key)
      if (terms.journal !== undefined) journalsInUse.delete(terms.journal)
    }
    // Failed, or drained by its own Account: then the next subscriber begins a new one.
    shared.watch.add(shared.running.account$.subscribe({ error: gone, complete: gone }))
    return shared
  }

  const leave = (shared: Shared): void => {
    shared.subscribers--
    if (shared.subscribers === 0) shared.watch.add(shared.running.end$.subscribe({ error: () => undefined }))
  }

  const join = (credentials: Credentials, options: LoginOptions): Observable<Account> =>
    defer(() => {
      const invalid = invalidLogin(credentials, options)
      if (invalid !== undefined) return throwError(() => invalid)
      const key = JSON.stringify([credentials.platform, credentials.access_key])
      const terms = termsOf(credentials, options)
      const present = logins.get(key)
      if (present?.running.isEnding === true) return concat(present.running.end$, join(credentials, options))
      if (present !== undefined && !areSame(present.terms, terms)) {
        const advice =
          'this key is logged in already with other symbols, options or another journal or secret_key; log in once, with all of them'
        return throwError(() => new LoginFailed(credentials.platform, 'invalid', '', advice))
      }
      if (present === undefined && isTaken(terms)) {
        const advice = 'its journal belongs to another login, which is not over; give each login a journal of its own'
        return throwError(() => new LoginFailed(credentials.platform, 'invalid', '', advice))
      }
      const shared = present ?? begin(key, terms, credentials, options)
      shared.subscribers++
      return shared.running.account$.pipe(finalize(() => leave(shared)))
    })

  return join
}
