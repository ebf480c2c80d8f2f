import {
  catchError,
  concat,
  defer,
  EMPTY,
  finalize,
  from,
  ignoreElements,
  mergeMap,
  type Observable,
  type SchedulerLike,
  Subject,
  Subscription,
  timeout,
} from 'rxjs'
import { DecodeFailure, type Notice, StateCode } from '../../protocol/index.js'
import { readyAfter, stateName } from '../../protocol/internal.js'
import { scheduleOnce } from '../../time/index.js'
import type { AdapterEvent, AdapterNotice, AdapterSession, StateChange } from '../adapter/exchange-adapter.js'
import type { Limits } from '../limits.js'
import type { NumberedNotice } from '../adapter/notice-log.js'
import type { IdempotencyStore } from '../adapter/idempotency-store.js'
import type { Outbox } from '../connection/outbox.js'
import { quote } from '../../protocol/internal.js'

export interface LoginSettings {
  readonly token: string
  readonly platform: string
  readonly symbols: ReadonlySet<string>
  readonly session: AdapterSession
  /** The client has named feature `cid`: its cids are remembered. */
  readonly knowsCids: boolean
  /** Notices that its client has missed (feature `resume`). */
  readonly missed: readonly NumberedNotice[]
  readonly cancelOnDisconnect: boolean
  readonly outbox: Outbox
  readonly limits: Limits
  readonly scheduler: SchedulerLike
  /** Takes every secret of this login out of a text. */
  readonly redact: (text: string) => string
  /** Called when the account may log in again; more than once. */
  readonly release: () => void
  readonly fault: (where: string, error: unknown) => void
}

/** Notices that are sent again before others have their turn. */
const missedPerTurn = 500

/** The symbol of a notice, where it is about one. */
const symbolOf = (notice: AdapterNotice): string | undefined =>
  notice.topic === 'asset' ? undefined : notice.data.symbol

/**
 * Key of notices of which only the newest counts; undefined for orders, fills, positions, assets
 * and trades, which are never conflated.
 */
const newestOnly = (notice: AdapterNotice): string | undefined => {
  switch (notice.topic) {
    case 'ticker':
    case 'orderbook':
      return `${notice.topic} ${notice.data.symbol}`
    case 'kline':
      // With its period's start: the last word on a period must arrive even if the next has begun.
      return `${notice.topic} ${notice.data.symbol} ${notice.data.period} ${notice.data.timestamp}`
    default:
      return undefined
  }
}

/**
 * One login: the exchange's events on their way to the client, whether it is ready, and how it
 * ends.
 */
export class Login {
  readonly token: string
  readonly platform: string
  readonly symbols: ReadonlySet<string>
  readonly session: AdapterSession
  readonly knowsCids: boolean
  readonly redact: (text: string) => string
  readonly #settings: LoginSettings
  readonly #events = new Subscription()
  #inFlight = 0
  #idle$: Subject<never> | undefined
  #ready = false
  #last: StateChange | undefined
  #ended = false

  constructor(settings: LoginSettings) {
    this.#settings = settings
    this.token = settings.token
    this.platform = settings.platform
    this.symbols = settings.symbols
    this.session = settings.session
    this.knowsCids = settings.knowsCids
    this.redact = settings.redact
  }

  /**
   * The memory of cids; undefined where the client has not named feature `cid`, or the exchange has
   * none.
   */
  get memory(): IdempotencyStore | undefined {
    return this.knowsCids ? this.session.memory : undefined
  }

  /**
   * Connects to the exchange. Call it after the login's reply was sent: nothing of a login may come
   * before its token is known.
   */
  start(): void {
    this.#cancelIfKilled([...this.symbols])
    this.#tellMissed(this.#settings.missed)
  }

  /**
   * Sends missed notices before the snapshots, which show their result; events of the meantime
   * count as missed too. In parts, because ten thousand at once delay all other connections.
   */
  #tellMissed(missed: readonly NumberedNotice[]): void {
    for (const notice of missed.slice(0, missedPerTurn)) this.#tell({ _tag: 'notice', ...notice })
    const last = missed[missedPerTurn - 1]
    if (last === undefined) {
      this.#connect()
      return
    }
    const { scheduler } = this.#settings
    scheduleOnce(this.#events, scheduler, () => this.#tellMissed(this.session.history?.since(last.data.seq) ?? []))
  }

  /** By hand: as a pipeline with `retry` this took 6 KiB for each login. */
  #connect(): void {
    this.#events.add(
      defer(() => this.session.event$).subscribe({
        next: (event) => this.#tell(event),
        error: (error: unknown) => this.#reconnect(error),
        complete: () => this.#reconnect(new Error('the events of the exchange interface ended')),
      }),
    )
  }

  #reconnect(error: unknown): void {
    const { fault, limits, scheduler } = this.#settings
    fault(`${this.platform} events`, error)
    const msg = this.redact(`the exchange interface failed: ${error instanceof Error ? error.message : 'error'}`)
    this.#tellState({ _tag: 'state', code: StateCode.GENERAL_ERROR, msg })
    this.#tellState({ _tag: 'state', code: StateCode.DISCONNECT, msg: 'disconnected' })
    const reopen = (): void => {
      this.#tellState({ _tag: 'state', code: StateCode.RECONNECTING, msg: 'reconnecting' })
      this.#connect()
    }
    scheduleOnce(this.#events, scheduler, reopen, limits.reopenAfterMs)
  }

  /** Message why no command may be sent now; undefined if it may. */
  notReady(): string | undefined {
    if (this.#ready) return undefined
    const last = this.#last
    return last === undefined
      ? 'not ready: wait for state 6 READY'
      : `not ready: the last state is ${last.code} ${stateName(last.code)}; wait for 6 READY`
  }

  /** Counts a command as in flight for as long as it is. */
  track<A>(command$: Observable<A>): Observable<A> {
    return defer(() => {
      this.#inFlight++
      return command$.pipe(
        finalize(() => {
          if (--this.#inFlight === 0) this.#idle$?.complete()
        }),
      )
    })
  }

  /** Ends it by its client's wish: open orders stay. */
  logout(): void {
    this.#end(this.#settled$(), true)
  }

  /**
   * Ends it because its socket is gone. Open orders stay, unless the client asked for them to be
   * cancelled.
   */
  disconnect(): void {
    // A login that lacks a parameter never had a session in which something could be cancelled.
    const cancelOnDisconnect = this.#settings.cancelOnDisconnect && this.#last?.code !== StateCode.PARAM_MISS
    // Until that is done the account counts as logged in: a cancel must not meet orders of its next
    // login.
    this.#end(cancelOnDisconnect ? this.#cancelAll() : this.#settled$(), !cancelOnDisconnect)
  }

  /**
   * Sends nothing more to the client. Unsubscribes from the exchange when `last$` completes:
   * earlier, an answer could be lost.
   */
  #end(last$: Observable<never>, releaseNow: boolean): void {
    if (this.#ended) return
    this.#ended = true
    const { outbox, release, fault } = this.#settings
    outbox.forget(this.token)
    // Before the account is let go of: its next login may say otherwise.
    if (releaseNow) {
      this.#cancelIfKilled(undefined)
      release()
    }
    const letGo = () => {
      if (!releaseNow) this.#cancelIfKilled(undefined)
      this.#events.unsubscribe()
      release()
    }
    // eslint-disable-next-line rxjs-x/no-ignored-subscription -- It ends by itself, and outlives its socket by design.
    last$.subscribe({
      complete: letGo,
      error: (error: unknown) => {
        fault(`${this.platform} end of a login`, error)
        letGo()
      },
    })
  }

  #cancelIfKilled(symbols: readonly string[] | undefined): void {
    const { cancelOnDisconnect, fault } = this.#settings
    if (!cancelOnDisconnect) return
    try {
      this.session.cancelIfKilled?.(symbols)
    } catch (error) {
      fault(`${this.platform} cancel if killed`, error)
    }
  }

  /** Completes when no command is in flight; each is bounded by answerWithinMs. */
  #settled$(): Observable<never> {
    return defer(() => (this.#inFlight === 0 ? EMPTY : (this.#idle$ ??= new Subject())))
  }

  /** An order still on its way is waited for: cancelled before it has arrived, it would stay. */
  #cancelAll(): Observable<never> {
    const { limits, scheduler, fault } = this.#settings
    return concat(
      this.#settled$(),
      from(this.symbols).pipe(
        mergeMap((symbol) =>
          defer(() => this.session.cancelOrder({ symbol, order_nos: [] })).pipe(
            timeout({ each: limits.answerWithinMs, scheduler }),
            catchError((error: unknown) => {
              fault(`${this.platform} cancel on disconnect`, error)
              return EMPTY
            }),
          ),
        ),
      ),
    ).pipe(ignoreElements())
  }

  #tell(event: AdapterEvent): void {
    if (this.#ended) return
    if (event._tag === 'state') this.#tellState(event)
    else this.#tellNotice(event)
  }

  #tellNotice(event: AdapterNotice): void {
    const symbol = symbolOf(event)
    if (symbol !== undefined && !this.symbols.has(symbol)) return
    const { outbox } = this.#settings
    const notice = { op: 'notify', topic: event.topic, token: this.token, data: event.data } as Notice
    const key = newestOnly(event)
    try {
      if (key === undefined) outbox.send(notice)
      else outbox.sendNewest(`${this.token} ${key}`, notice)
    } catch (error) {
      // Half a message or a null must not get out; but the client must know that it missed
      // something.
      this.#settings.fault(`${this.platform} ${event.topic} notice`, error)
      const why = error instanceof DecodeFailure ? error.message : 'it is not of the protocol'
      this.#tellState({
        _tag: 'state',
        code: StateCode.GENERAL_ERROR,
        msg: `a notice of topic ${quote(event.topic)} could not be sent: ${why}`,
      })
    }
  }

  #tellState(state: StateChange): void {
    if (this.#ended) return
    this.#ready = readyAfter(this.#ready, state.code)
    this.#last = state
    try {
      this.#settings.outbox.send({ op: 'state', token: this.token, code: state.code, msg: this.redact(state.msg) })
    } catch (error) {
      this.#settings.fault(`${this.platform} state`, error)
    }
  }
}
