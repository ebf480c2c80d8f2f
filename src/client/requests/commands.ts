import { BehaviorSubject, catchError, defer, filter, map, Observable, take, tap, throwError } from 'rxjs'
import type { Assets, CancelResult, Order, Position, RequestOp, SymbolInfo } from '../../protocol/index.js'
import { type CancelRequest, type CommandOptions, commandTimes } from '../command.js'
import { type CancelAnswer, canceledByNotices, cancelAllEvidence } from './cancel.js'
import { Unresolved } from '../errors/errors.js'
import { inParts } from './in-parts.js'
import { ask, type Question, type QueryDependencies } from './question.js'

/** The commands of a login other than orders: each is cold, one subscription is one request. */
export interface Commands {
  cancelOrder(request: CancelRequest, options?: CommandOptions): Observable<readonly CancelResult[]>
  openOrders(symbol: string, options?: CommandOptions, onWrite?: () => void): Observable<readonly Order[]>
  asset(options?: CommandOptions, onWrite?: () => void): Observable<Assets>
  position(symbol: string, options?: CommandOptions, onWrite?: () => void): Observable<Position>
  symbolInfo(symbol: string, options?: CommandOptions): Observable<SymbolInfo>
  /** Emits once no cancel waits for READY or for its reply. */
  readonly cancelsOver$: Observable<unknown>
}

interface Dependencies extends QueryDependencies {
  readonly order$: Observable<Order>
  /** The orders of a symbol that may be open, as far as is known. */
  readonly standing: (symbol: string) => readonly string[]
  /** True while notices of the symbol's orders may have been missed. */
  readonly mayHaveMissed: (symbol: string) => boolean
  /**
   * Called before all orders of a symbol are cancelled: takes back the orders that wait. The result
   * is called once the cancel has its place in the queue, and tells the subscribers of these
   * orders.
   */
  readonly onCancelAll: (symbol: string) => () => void
  /**
   * The server has answered a cancel of these orders as done, by the number of each or with an
   * empty list of results.
   */
  readonly onCancelled: (symbol: string, order_nos: readonly string[], answer: CancelAnswer) => void
}

export function createCommands(deps: Dependencies): Commands {
  const defaults = { maxAgeMs: deps.settings.queryMaxAgeMs, timeoutMs: deps.settings.requestTimeoutMs }
  const cancels$ = new BehaviorSubject(0)

  const query = <Op extends RequestOp, A>(question: Question<Op, A>, options?: CommandOptions): Observable<A> =>
    ask(question, commandTimes(options, defaults), deps)

  const openOrders: Commands['openOrders'] = (symbol, options, onWrite) =>
    query(
      {
        body: { op: 'open_orders', symbol },
        read: ({ data }) => data.map((order) => ({ symbol, ...order })),
        repeatable: true,
        ...(onWrite === undefined ? {} : { onWrite }),
      },
      options,
    )

  /**
   * No reply came. Orders that are listed no more cannot trade any more: that is what was asked
   * for.
   */
  const canceledByAbsence = (
    { symbol, order_nos }: CancelRequest,
    unknown: Unresolved,
    options?: CommandOptions,
  ): Observable<readonly CancelResult[]> =>
    openOrders(symbol, options).pipe(
      map((open) => {
        const listed = new Set(open.map(({ order_no }) => order_no))
        if (order_nos.some((order_no) => listed.has(order_no))) throw unknown
        return order_nos.map((order_no) => ({ order_no, result: true, error_message: '' }))
      }),
      catchError(() => throwError(() => unknown)),
    )

  const stillOpen = (symbol: string, order_nos: readonly string[]): readonly string[] => {
    // mutant: empty-cancel-after-a-gap
    if (deps.mayHaveMissed(symbol)) return []
    const standing = new Set(deps.standing(symbol))
    return order_nos.filter((order_no) => standing.has(order_no))
  }

  /**
   * Some servers leave the results out: then the orders that were `meant` are cancelled. An empty
   * list is also the answer where none was left to cancel, so it says nothing of orders that may
   * have been filled while notices were missed, or that are missing by now.
   */
  const answered = (
    symbol: string,
    results: readonly CancelResult[],
    meant: readonly string[],
  ): readonly CancelResult[] => {
    const done = results.flatMap(({ order_no, result }) => (result ? [order_no] : []))
    if (results.length === 0) deps.onCancelled(symbol, stillOpen(symbol, meant), 'empty')
    else deps.onCancelled(symbol, done, 'numbers')
    return results
  }

  const cancelSome: Commands['cancelOrder'] = (request, options) => {
    const { symbol, order_nos } = request
    return query(
      {
        body: { op: 'cancel_order', symbol, order_nos: [...order_nos] },
        read: ({ data }) => answered(symbol, data, order_nos),
        repeatable: true,
        elsewhere$: canceledByNotices(request, deps.order$),
      },
      options,
    ).pipe(
      catchError((error: unknown) =>
        error instanceof Unresolved && error.cause === 'timeout'
          ? canceledByAbsence(request, error, options)
          : throwError(() => error),
      ),
    )
  }

  const cancelAll: Commands['cancelOrder'] = ({ symbol }, options) =>
    defer(() => {
      let meant: readonly string[] = []
      const evidence = cancelAllEvidence(symbol, () => deps.standing(symbol), deps.order$)
      return query(
        {
          body: { op: 'cancel_order', symbol, order_nos: [] },
          // Those that were there as it went out.
          onWrite: () => void (meant = deps.standing(symbol)),
          read: ({ data }) => answered(symbol, data, meant),
          // Cancelling everything twice would cancel what was placed in between.
          repeatable: false,
          elsewhere$: evidence.over$,
        },
        options,
      ).pipe(
        catchError((error: unknown) =>
          error instanceof Unresolved && error.cause === 'timeout'
            ? openOrders(symbol, options).pipe(
                map((listed) => {
                  const results = evidence.absent(listed)
                  if (results === undefined) throw error
                  return results
                }),
                catchError(() => throwError(() => error)),
              )
            : throwError(() => error),
        ),
      )
    })

  return {
    openOrders,
    cancelOrder: ({ symbol, order_nos }, options) => {
      // A copy: what is asked for now is what is looked for later, whatever the caller does to its
      // list.
      const request = { symbol, order_nos: [...order_nos] }
      const cancel = request.order_nos.length === 0 ? cancelAll : cancelSome
      const canceling$ = inParts((part) => cancel(part, options))(request).pipe(
        tap({
          subscribe: () => cancels$.next(cancels$.value + 1),
          finalize: () => cancels$.next(cancels$.value - 1),
        }),
      )
      if (request.order_nos.length > 0) return canceling$
      return new Observable((subscriber) => {
        const tellTakenBack = deps.onCancelAll(symbol)
        canceling$.subscribe(subscriber)
        tellTakenBack()
      })
    },
    cancelsOver$: cancels$.pipe(
      filter((n) => n === 0),
      take(1),
    ),
    asset: (options, onWrite) =>
      query(
        {
          body: { op: 'asset' },
          read: ({ data }) => data,
          repeatable: true,
          ...(onWrite === undefined ? {} : { onWrite }),
        },
        options,
      ),
    position: (symbol, options, onWrite) =>
      query(
        {
          body: { op: 'position', symbol },
          read: ({ data }) => ({ symbol, ...data }),
          repeatable: true,
          ...(onWrite === undefined ? {} : { onWrite }),
        },
        options,
      ),
    symbolInfo: (symbol, options) =>
      query({ body: { op: 'symbol_info', symbol }, read: ({ data }) => data, repeatable: true }, options),
  }
}
