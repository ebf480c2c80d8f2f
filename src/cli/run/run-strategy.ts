import {
  asyncScheduler,
  catchError,
  combineLatest,
  concat,
  concatMap,
  defer,
  EMPTY,
  filter,
  finalize,
  from,
  ignoreElements,
  map,
  merge,
  mergeMap,
  NEVER,
  type Observable,
  of,
  ReplaySubject,
  type SchedulerLike,
  share,
  Subject,
  switchMap,
  take,
  takeUntil,
  takeWhile,
  tap,
  throwError,
  timeout,
} from 'rxjs'
import { type Account, type Gateway } from '../../client/index.js'
import { askedTopics, marketStreams } from '../../client/internal.js'
import { outputOf, type RiskControl, type Strategy, type StrategyLogin } from '../../strategy/index.js'
import { watchGates } from '../../strategy/internal.js'
import { failed } from './failure-words.js'
import { lastOutcomes } from './last-outcomes.js'
import type { Keys } from '../options/keys.js'
import type { RunEvent } from './run-event.js'
import { assetsOf, quietly, tellingAccount, watchAccount, watchGate } from './watch-account.js'
import { releaseUnknowns } from './release-unknowns.js'
import { CliError } from '../cli-error.js'
import { wait } from './wait.js'
import { counted, number } from '../format/numbers.js'

export interface RunStrategyOptions {
  readonly strategy: Strategy
  readonly gateway: Gateway
  readonly keysOf: (platform: string) => Keys
  /** Longest time of the run, logins included, in ms; undefined: until the strategy ends. */
  readonly forMs: number | undefined
  /** Stops the strategy when it emits. */
  readonly stop$: Observable<unknown>
  /** Reopens the risk gates of the strategy when it emits. */
  readonly reopen$?: Observable<unknown>
  /** Cancels orders at the end, except those that were open before. */
  readonly cancelOnExit: boolean
  /** Longest wait at the end for outcomes of sent orders, in ms. @default 30_000 */
  readonly outcomesWithinMs?: number | undefined
  /** @default asyncScheduler */
  readonly scheduler?: SchedulerLike
  /**
   * True if nothing else trades the accounts: see `LoginOptions.exclusiveAccount`. @default false
   */
  readonly exclusiveAccount?: boolean
  /** Time after sending at which unresolved orders are closed, in ms. @default never */
  readonly releaseAfterMs?: number | undefined
  /** Monotonic time, in ms. */
  readonly now: () => number
}

/**
 * Longer than an order without a reply takes to end (`requestTimeoutMs` and `resolveWithinMs`), and
 * than the replacement of a dead socket takes.
 */
const OUTCOMES_WITHIN_MS = 30_000
/** Timeout of each query at the end, in ms. */
const LAST_QUESTION_MS = 3_000

/**
 * Logs in, runs the strategy until it ends or is stopped, cancels open orders if asked, logs out.
 * Emits all events; errors with the error of a login or of the strategy, after the logout.
 */
export const runStrategy = (options: RunStrategyOptions): Observable<RunEvent> =>
  defer(() => {
    const { strategy, gateway, keysOf, forMs, stop$, reopen$ = EMPTY, cancelOnExit, now } = options
    const { outcomesWithinMs = OUTCOMES_WITHIN_MS, scheduler = asyncScheduler } = options
    const { exclusiveAccount = false, releaseAfterMs } = options
    const told$ = new Subject<RunEvent>()
    const left$ = new Subject<void>()
    const logins = strategy.logins.map((login) =>
      logIn(gateway, login, keysOf(login.platform), exclusiveAccount).pipe(
        share({ connector: () => new ReplaySubject<Account>(1) }),
      ),
    )
    const before = new Map<string, ReadonlySet<string>>()
    let accounts: readonly Account[] = []
    const gates: RiskControl[] = []
    const gate$ = new Subject<Observable<RunEvent>>()
    let failure: Observable<never> = EMPTY
    /**
     * Messages on market data that the strategy asks for and a server does not offer, by platform;
     * removed once some comes.
     */
    const lacking = new Map<string, string>()

    /** Account for the strategy: reports its orders, and the risk gates on it. */
    const watched = (account: Account, index: number): Account =>
      watchGates(
        tellingAccount(
          onlyAsked(account, strategy.logins[index], () => lacking.delete(account.platform)),
          (event) => told$.next(event),
          now,
        ),
        (risk) => {
          gates.push(risk)
          gate$.next(watchGate(account.platform, gates.length, risk))
        },
      )

    const watching$ = merge(
      gateway.status$.pipe(map((status): RunEvent => ({ type: 'status', status }))),
      gateway.latency$.pipe(map((ms): RunEvent => ({ type: 'latency', ms }))),
      gateway.protocolErrors$.pipe(map(({ error }): RunEvent => ({ type: 'note', text: error.message }))),
      ...logins.map((login$) => login$.pipe(mergeMap(watchAccount))),
      ...(releaseAfterMs === undefined
        ? []
        : logins.map((login$) =>
            login$.pipe(mergeMap((account) => releaseUnknowns(account, releaseAfterMs, scheduler))),
          )),
      ...(cancelOnExit ? logins.map((login$) => login$.pipe(mergeMap((account) => openBefore(account, before)))) : []),
      gate$.pipe(mergeMap((told) => told.pipe(quietly))),
      reopen$.pipe(
        map((): RunEvent => {
          for (const gate of gates) gate.reopen()
          return { type: 'note', text: `reopened ${counted(gates.length, 'risk gate')} by hand` }
        }),
      ),
      told$,
    ).pipe(takeUntil(left$))

    const begunAt = now()
    // Counted from the start: a login that is never READY would make the run endless.
    const over$ = (forMs === undefined ? NEVER : wait(forMs, scheduler)).pipe(
      tap(() => {
        if (accounts.length === 0) throw new CliError(`the strategy never began: ${notReadyInWords(strategy, forMs)}`)
      }),
    )
    const trading$ = merge(unreachable(gateway), combineLatest(logins)).pipe(
      take(1),
      switchMap((all): Observable<RunEvent> => {
        accounts = all
        const leftMs = forMs === undefined ? undefined : Math.max(0, forMs - (now() - begunAt))
        return merge(
          of<RunEvent>({ type: 'began', forMs: leftMs }),
          ...all.map((account, index) => tellLacking(account, strategy.logins[index], lacking)),
          defer(() => outputOf(strategy, ...all.map(watched))).pipe(
            map((value): RunEvent => ({ type: 'said', value })),
          ),
        )
      }),
      takeUntil(over$),
      catchError((error: unknown): Observable<RunEvent> => {
        failure = throwError(() => error)
        return of(failed(accounts.length === 0 ? 'login' : 'strategy', error))
      }),
      takeUntil(stop$),
    )

    const cancelLeft$ = defer(() =>
      cancelOnExit ? merge(...accounts.map((account) => cancelNew(account, before))) : EMPTY,
    )
    const leaving$ = defer(() =>
      concat(
        defer(() => {
          // The error of the strategy takes precedence.
          if (failure === EMPTY) for (const words of lacking.values()) failure = throwError(() => new CliError(words))
          return cancelLeft$
        }),
        // Orders that prove to be accepted are cancelled too.
        lastOutcomes(accounts, outcomesWithinMs, scheduler, cancelLeft$),
        merge(...accounts.map((account) => assetsOf(account).pipe(timeout(LAST_QUESTION_MS), quietly))),
        merge(...accounts.map((account) => account.drain())),
        of<RunEvent>({ type: 'left' }),
      ),
    )

    return merge(
      watching$,
      concat(
        trading$,
        leaving$,
        defer(() => failure),
      ).pipe(finalize(() => left$.next())),
    )
  })

const notReadyInWords = ({ logins }: Strategy, forMs = 0): string =>
  `not every login (${logins.map(({ platform }) => platform).join(', ')}) was granted within the ${number(forMs / 1000)} s of --seconds`

/**
 * Attempts to reach a gateway that has never answered. A gateway that has answered is retried for
 * as long as the strategy runs.
 */
const FIRST_TRIES = 3

/**
 * Errors while no connection has ever succeeded: a wrong address or a stopped gateway is reported
 * at once.
 */
const unreachable = ({ status$ }: Gateway): Observable<never> =>
  status$.pipe(
    takeWhile(({ _tag }) => _tag !== 'Connected'),
    map((status) => {
      if (status._tag !== 'Lost' || status.attempt < FIRST_TRIES) return
      throw new CliError(
        `no gateway answers (tried ${FIRST_TRIES} times): ${status.cause.error.message}. Is it running, and is the --url right? \`rxquant gateway\` starts one on paper`,
      )
    }),
    ignoreElements(),
  )

const logIn = (
  gateway: Gateway,
  { platform, symbols, market = [] }: StrategyLogin,
  keys: Keys,
  exclusiveAccount: boolean,
): Observable<Account> =>
  // The display values balances at prices of the ticker.
  gateway.login(
    { platform, symbols, ...keys },
    { market: [...new Set([...market, 'ticker' as const])], exclusiveAccount },
  )

/**
 * Account with only the topics that the strategy asks for. Calls `heard` at each notice of a topic.
 */
const onlyAsked = (account: Account, login: StrategyLogin | undefined, heard: () => void): Account => {
  const topic$ = askedTopics((name, codec) => account.topic$(name, codec).pipe(tap(heard)), login?.market ?? [])
  return { ...account, topic$, ...marketStreams({ symbols: account.symbols, topic$ }) }
}

/**
 * Notes market data that the strategy asks for and the server does not offer, also in `lacking`.
 */
const tellLacking = (
  account: Account,
  { market = [] }: Partial<StrategyLogin> = {},
  lacking: Map<string, string>,
): Observable<RunEvent> => {
  if (market.length === 0 || account.features().has('market')) return EMPTY
  const words = `${account.platform}: the strategy needs market data (${market.join(', ')}), and the server does not offer it (feature market)`
  lacking.set(account.platform, words)
  return of({ type: 'note', text: words })
}

const nameOf = ({ platform }: Account, symbol: string): string => JSON.stringify([platform, symbol])

const openBefore = (account: Account, before: Map<string, ReadonlySet<string>>): Observable<never> =>
  from(account.symbols).pipe(
    mergeMap((symbol) =>
      account.openOrders(symbol).pipe(
        tap((orders) => before.set(nameOf(account, symbol), new Set(orders.map(({ order_no }) => order_no)))),
        quietly,
      ),
    ),
    ignoreElements(),
  )

/** Asks for the open orders after the cancels: some servers never report the end of an order. */
const listedAfter = (account: Account, symbol: string): Observable<RunEvent> =>
  account.openOrders(symbol).pipe(
    map((orders): RunEvent => ({ platform: account.platform, type: 'listed', symbol, orders })),
    timeout(LAST_QUESTION_MS),
    quietly,
  )

/**
 * Cancels open orders that were not open before the run. Orders that other clients have placed on
 * the account meanwhile are among them.
 */
const cancelNew = (account: Account, before: ReadonlyMap<string, ReadonlySet<string>>): Observable<RunEvent> =>
  from(account.symbols).pipe(
    concatMap((symbol): Observable<RunEvent> => {
      const known = before.get(nameOf(account, symbol))
      const where = `of ${symbol} on ${account.platform}`
      if (known === undefined) {
        return of({
          type: 'note',
          text: `the open orders before the run are not known: no orders ${where} were cancelled`,
        })
      }
      return account.openOrders(symbol).pipe(
        map((orders) => orders.map(({ order_no }) => order_no).filter((order_no) => !known.has(order_no))),
        // An empty list would cancel all orders.
        filter((order_nos) => order_nos.length > 0),
        mergeMap((order_nos) => account.cancelOrder({ symbol, order_nos })),
        timeout(LAST_QUESTION_MS),
        mergeMap((results) => {
          const refused = results.filter(({ result }) => !result)
          const text = `cancelled ${counted(results.length - refused.length, 'open order')} ${where}${refused.length === 0 ? '' : `; ${refused.length} were not: ${refused[0]?.error_message ?? ''}`}`
          return concat(of<RunEvent>({ type: 'note', text }), listedAfter(account, symbol))
        }),
        catchError((error: unknown) =>
          of<RunEvent>({
            type: 'note',
            text: `open orders ${where} may be left: ${error instanceof Error ? error.message : String(error)}`,
          }),
        ),
      )
    }),
  )
