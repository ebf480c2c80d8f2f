import {
  catchError,
  concat,
  defer,
  EMPTY,
  ignoreElements,
  merge,
  type Observable,
  ReplaySubject,
  share,
  Subject,
  switchMap,
  take,
  timer,
} from 'rxjs'
import { type DecodeFailure, type Notice } from '../../protocol/index.js'
import { isAccountNotice, seqOf } from '../../protocol/internal.js'
import { ageMs, deadline } from '../../time/index.js'
import type { Account } from '../account.js'
import { createAccount } from './create-account.js'
import { createAccountStore } from '../state/account-store.js'
import { createCommands } from '../requests/commands.js'
import { createInFlightOrders } from '../orders/in-flight-orders.js'
import { createOrderEvents } from '../orders/order-events.js'
import { createWaitingOrders } from '../orders/waiting-orders.js'
import type { Credentials, LoginOptions } from '../gateway.js'
import { createCommandQueue } from '../requests/command-queue.js'
import { keepLoggedIn } from './login.js'
import { createNotices } from './notices.js'
import type { Settings } from '../options.js'
import type { InterfaceState } from '../interface-state.js'
import type { Redactor } from '../errors/redact.js'
import { LoggedOut } from '../errors/refusal.js'
import { provenEnds } from '../state/proven-ends.js'
import { createResync } from '../state/resync.js'
import { createSequence } from '../state/sequence.js'
import type { ProtocolConnection, ReplyOrFailure } from '../connection/protocol-connection.js'

/** Resources that the logins of one gateway share. */
export interface LoginHost {
  readonly connection$: Observable<ProtocolConnection | null>
  /** Sockets for one login alone. @param ready$ Whether that login is READY. */
  ownConnections(ready$: Observable<boolean>): Observable<ProtocolConnection | null>
  readonly settings: Settings
  readonly redactor: Redactor
  /** Replies that came after their request had ended. */
  readonly late$: Observable<ReplyOrFailure>
  /** End of the last socket, or of the last attempt to open one. */
  lastLoss(): Error | undefined
  /** The last frame that could not be read, or the last `error` frame. */
  lastError(): Error | undefined
  onFailure(failure: DecodeFailure, platform: string): void
  onToken(token: string, platform: string, alive: boolean): void
  onReady(login: object, ready: boolean): void
}

/** A login that is being kept. */
export interface RunningLogin {
  /** Replays the Account; errors with LoginFailed; completes when the login has ended. */
  readonly account$: Observable<Account>
  /**
   * Takes no new orders, waits for what is in flight and for cancels, logs out, lets go of the
   * socket. Cold, shared.
   */
  readonly end$: Observable<never>
  /** True once that has begun: by the last subscriber's leaving, or by the Account's own drain. */
  readonly isEnding: boolean
}

/** Starts a login, and keeps it until `end$` is subscribed to or it fails. */
export function runLogin(credentials: Credentials, options: LoginOptions, host: LoginHost): RunningLogin {
  const { settings, redactor, late$ } = host
  const { drainWithinMs, scheduler, entropy } = settings
  const { platform } = credentials

  // First: where it cannot be read there is no login, and nothing else of it may be running.
  const left = options.journal?.read() ?? []
  const invalidToken$ = new Subject<string>()
  const state$ = new ReplaySubject<InterfaceState>(1)
  const account$ = new ReplaySubject<Account>(1)
  const queue = createCommandQueue(settings)
  const waitingOrders = createWaitingOrders(queue)
  const notices = createNotices((failure) => host.onFailure(failure, platform))
  const onInvalidToken = (token: string): void => invalidToken$.next(token)
  const commands = createCommands({
    ...{ queue, settings, redactor, onInvalidToken, order$: notices.account('order') },
    standing: (symbol) => accountStore.orders.standing(symbol),
    mayHaveMissed: (symbol) => accountStore.orders.mayHaveMissed(symbol),
    onCancelAll: (symbol) => {
      // mutant: cancel-all-sweeps
      inFlightOrders.doNotResend(symbol)
      // mutant: cancel-all-takes-back
      return waitingOrders.takeBack(symbol)
    },
    onCancelled: (symbol, order_nos, answer) => accountStore.cancelled(symbol, order_nos, answer),
  })
  const accountStore = createAccountStore(credentials.symbols, commands, settings, options.resyncEveryMs)
  const resync = createResync(accountStore, queue, settings)
  const sequence = createSequence()
  let isFirstSession = true
  const events = createOrderEvents(accountStore.orders)
  const inFlightOrders = createInFlightOrders({
    settings,
    redactor,
    queue,
    orderStore: accountStore.orders,
    events,
    snapshots: accountStore.snapshots,
    mayHaveEnded: (order) => accountStore.mayHaveEnded(order),
    exclusiveAccount: options.exclusiveAccount === true,
    journal: options.journal,
    left,
    late$,
    onInvalidToken,
  })

  const takeNotice = (notice: Notice): void => {
    if (!isAccountNotice(notice)) {
      notices.deliver(notice)
      return
    }
    if ((notice.topic === 'order' || notice.topic === 'fill') && !sequence.note(seqOf(notice.data))) {
      const since = queue.session?.connection.completeUntil
      resync.missedOne(settings.clock.wall() - (since === undefined ? 0 : ageMs(settings.clock, since)))
    }
    if (accountStore.take(notice)) notices.deliver(notice)
  }

  const proven = provenEnds(accountStore.orders, scheduler).subscribe({
    next: (data) => notices.deliver({ op: 'notify', topic: 'order', token: '', data }),
    error: (error: unknown) => account$.error(error),
  })

  /**
   * Nothing is left waiting: what was queued was never sent, and what was in flight is not known.
   */
  const close = (cause: unknown): void => {
    queue.close(cause)
    inFlightOrders.end('logged-out')
    resync.running.unsubscribe()
    proven.unsubscribe()
    accountStore.complete()
    events.complete()
    notices.complete()
    state$.complete()
    host.onReady(account, false)
  }

  const logOut$ = defer(() => {
    const { session } = queue
    if (session === null) return EMPTY
    return session.connection.request({ op: 'logout', token: session.token, cid: entropy.id() }, drainWithinMs).pipe(
      catchError(() => EMPTY),
      ignoreElements(),
    )
  })

  let isEnding = false
  const end$ = defer((): Observable<never> => {
    isEnding = true
    queue.closeOrders()
    return concat(
      // A turn for subscribers that leave together with the login: their cancels must be done
      // before the logout.
      timer(0, scheduler).pipe(ignoreElements()),
      // One after the other: a subscriber that hears at last of its placed order may cancel it.
      merge(inFlightOrders.idle$.pipe(switchMap(() => commands.cancelsOver$)), deadline(drainWithinMs, scheduler)).pipe(
        take(1),
        ignoreElements(),
      ),
      logOut$,
      defer(() => {
        // Before the socket goes, so that what is still in flight hears the true cause.
        close(new LoggedOut('the login has ended'))
        running.unsubscribe()
        account$.complete()
        return EMPTY
      }),
    )
  }).pipe(share({ resetOnComplete: false, resetOnRefCountZero: false }))

  const account: Account = createAccount({
    credentials,
    exclusiveAccount: options.exclusiveAccount === true,
    market: [...(options.market ?? [])],
    settings,
    queue,
    commands,
    inFlightOrders,
    events,
    waitingOrders,
    accountStore,
    notices,
    state$,
    gap$: resync.gap$,
    drain$: end$,
  })

  let told = false
  const running = keepLoggedIn(credentials, options, {
    connection$: host.connection$,
    ownConnection$: host.ownConnections(queue.ready$),
    queue,
    settings,
    redactor,
    invalidToken$,
    onNotice: takeNotice,
    onLost: (cause, from) => resync.lost(cause, from),
    onMissed: (from) => resync.missedOne(from),
    onStanding: () => resync.ready(),
    onSession: (reply) => {
      const { resume } = reply
      // What was missed will follow, each with its number; else the count begins again.
      // mutant: numbers-go-on
      if (resume !== 'complete') sequence.begin(seqOf(reply))
      // A session that never became READY opens no gap, and its notices may be missing all the
      // same.
      if (!isFirstSession) accountStore.setStale()
      isFirstSession = false
      resync.session(resume === 'complete')
    },
    // A number that a double cannot hold would be rounded on its way: then the server is asked for
    // nothing.
    lastSeq: () => (typeof sequence.last === 'number' ? sequence.last : undefined),
    lastLoss: () => host.lastLoss(),
    lastError: () => host.lastError(),
    onState: (state) => state$.next(state),
    onReady: (ready) => host.onReady(account, ready),
    onToken: (token, alive) => host.onToken(token, platform, alive),
  }).subscribe({
    next: () => {
      if (told) return
      told = true
      account$.next(account)
    },
    error: (error: unknown) => {
      close(error)
      account$.error(error)
    },
  })

  return {
    account$: account$.asObservable(),
    end$,
    get isEnding() {
      return isEnding
    },
  }
}
