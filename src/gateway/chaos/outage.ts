import { merge, mergeMap, Observable, type SchedulerLike, Subject, Subscription, take, throwError } from 'rxjs'
import { StateCode } from '../../protocol/index.js'
import {
  type AdapterEvent,
  type ExchangeAdapter,
  type AdapterSession,
  OutcomeUnknown,
  keptOf,
  type LoginDetails,
} from '../adapter/exchange-adapter.js'

/** Between one attempt that fails and the next, as deployed servers wait. */
const againAfterMs = 5_000

export interface OutageSettings {
  readonly forMs?: number
  readonly failures?: number
}

/** The connection to the exchange that the sessions of one platform share. */
export class ExchangeLine {
  readonly #scheduler: SchedulerLike
  readonly #dropped$ = new Subject<Required<OutageSettings>>()

  constructor(scheduler: SchedulerLike) {
    this.#scheduler = scheduler
  }

  drop({ forMs = 5_000, failures = 0 }: OutageSettings): void {
    this.#dropped$.next({ forMs, failures })
  }

  /**
   * The events of a session over this line: lost, tried again, connected and ready again. What
   * happens meanwhile is never told: the snapshots hold open orders only.
   */
  events(session: AdapterSession): Observable<AdapterEvent> {
    return new Observable((subscriber) => {
      const state = (code: number, msg: string) => subscriber.next({ _tag: 'state', code, msg })
      let line = new Subscription()
      let waiting = new Subscription()
      let failuresLeft = 0
      const connect = (): void => {
        line = session.event$.subscribe({
          next: (event) => subscriber.next(event),
          error: (error: unknown) => subscriber.error(error),
          complete: () => subscriber.complete(),
        })
      }
      const retryAfter = (ms: number): void => {
        waiting = this.#scheduler.schedule(() => {
          state(StateCode.RECONNECTING, 'reconnecting')
          if (failuresLeft-- <= 0) connect()
          else {
            state(StateCode.CONNECT_FAILED, 'could not connect')
            retryAfter(againAfterMs)
          }
        }, ms)
      }
      subscriber.add(
        this.#dropped$.subscribe({
          next: ({ forMs, failures }) => {
            line.unsubscribe()
            waiting.unsubscribe()
            failuresLeft = failures
            state(StateCode.DISCONNECT, 'disconnected')
            retryAfter(forMs)
          },
          error: (error: unknown) => subscriber.error(error),
        }),
      )
      subscriber.add(() => {
        line.unsubscribe()
        waiting.unsubscribe()
      })
      connect()
    })
  }

  /** Ends a command that is in flight when the line drops; the command itself continues. */
  lost<A>(command$: Observable<A>): Observable<A> {
    const lost$ = this.#dropped$.pipe(
      mergeMap(() => throwError(() => new OutcomeUnknown('the connection to the exchange was lost'))),
    )
    return merge(command$, lost$).pipe(take(1))
  }
}

/**
 * An exchange behind a line that falls: `strikes` is asked at every command, and lets the line fall
 * where it says so.
 */
export const overLine = (
  exchange: ExchangeAdapter,
  line: ExchangeLine,
  strikes: () => OutageSettings | undefined,
): ExchangeAdapter => {
  const { features, epoch, background$ } = exchange
  const sessionOf = (login: LoginDetails): AdapterSession => {
    const session = exchange.open(login)
    const asked = <A>(command: () => Observable<A>): Observable<A> =>
      new Observable((subscriber) => {
        const outage = strikes()
        // Carried out, and the answer is lost: the worst that an outage can do.
        const answer$ = new Subject<A>()
        const answered$ = line.lost(outage === undefined ? command() : answer$)
        subscriber.add(answered$.subscribe(subscriber))
        if (outage === undefined) return
        // eslint-disable-next-line rxjs-x/no-ignored-subscription -- A sent command continues after its caller has unsubscribed.
        command().subscribe({ error: () => undefined })
        line.drop(outage)
      })
    return {
      ...keptOf(session),
      event$: line.events(session),
      placeOrder: (order) => asked(() => session.placeOrder(order)),
      cancelOrder: (request) => asked(() => session.cancelOrder(request)),
      openOrders: (symbol) => asked(() => session.openOrders(symbol)),
      asset: () => asked(() => session.asset()),
      position: (symbol) => asked(() => session.position(symbol)),
      symbolInfo: (symbol) => asked(() => session.symbolInfo(symbol)),
    }
  }
  return {
    ...(features === undefined ? {} : { features }),
    ...(epoch === undefined ? {} : { epoch }),
    ...(background$ === undefined ? {} : { background$ }),
    open: sessionOf,
  }
}
