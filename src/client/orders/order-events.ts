import { type Observable, Subject, Subscription } from 'rxjs'
import {
  isEnd,
  isFilledWhole,
  mayFollow,
  type OrderEvent,
  type OrderName,
  type OrderRequest,
  roundSum,
} from '../../orders/index.js'
import { trampoline } from '../../operators/index.js'
import { Memory } from '../memory.js'
import { keyOf, type OrderLedger, type OrderState } from '../state/ledger/index.js'

/** Order events of an Account, and the steps of its own orders that only the sender knows. */
export interface OrderEvents {
  readonly event$: Observable<OrderEvent>
  denied(order: OrderRequest, reason: string, words: string): void
  submitted(cid: string, order: OrderRequest): void
  accepted(cid: string, symbol: string, order_no: string): void
  rejected(cid: string, order: OrderRequest, words: string): void
  unresolved(cid: string, order: OrderRequest, words: string): void
  resolved(cid: string, order: OrderRequest, outcome: Resolution, order_no: string | undefined): void
  /** Ends the wait for a reply of an order that was never written. */
  notWritten(cid: string, symbol: string): void
  complete(): void
}

type Resolution = Extract<OrderEvent, { _tag: 'Resolved' }>['outcome']

/** Steps of one order that have been emitted. */
interface Emitted {
  cid: string | undefined
  accepted: boolean
  /** Number of its fills. */
  fills: number
  filled: number
  end: string | undefined
  missing: boolean
}

/** Ended orders whose steps are remembered, so that a repeated notice emits nothing. */
const mostRemembered = 10_000

export function createOrderEvents(ledger: OrderLedger): OrderEvents {
  const event$ = new Subject<OrderEvent>()
  const open = new Map<string, Emitted>()
  const ended = new Memory<Emitted>(mostRemembered)
  /** Cids by symbol whose reply is outstanding. */
  const awaited = new Map<string, Set<string>>()
  /** Orders without a cid that appeared meanwhile: each may be an awaited one. */
  const held = new Map<string, Map<string, OrderName>>()
  /** One step after another: what a subscriber causes by its reaction comes behind, for every subscriber. */
  const turn$ = new Subject<() => void>()
  const inTurn = (step: () => void): void => turn$.next(step)

  const emittedOf = (key: string): Emitted => {
    const known = open.get(key) ?? ended.get(key)
    if (known !== undefined) return known
    const emitted = { cid: undefined, accepted: false, fills: 0, filled: 0, end: undefined, missing: false }
    open.set(key, emitted)
    return emitted
  }

  const accept = (name: OrderName, emitted: Emitted, order: OrderState | undefined): void => {
    if (emitted.accepted) return
    emitted.accepted = true
    event$.next({ _tag: 'Accepted', symbol: name.symbol, order_no: name.order_no, cid: emitted.cid, order })
  }

  const emitFills = ({ symbol, order_no }: OrderName, emitted: Emitted, order: OrderState | undefined): void => {
    if (order?.filled === emitted.filled) return
    const { cid } = emitted
    for (const fill of ledger.fillsOf(symbol, order_no).slice(emitted.fills)) {
      emitted.fills += 1
      emitted.filled = roundSum(emitted.filled + fill.quantity)
      const { filled } = emitted
      const isWhole =
        order !== undefined &&
        (isFilledWhole(order, filled, order.signedQuantity) || (order.status === 'FILLED' && filled === order.filled))
      event$.next({ _tag: isWhole ? 'Filled' : 'PartiallyFilled', symbol, order_no, cid, fill, filled, order })
    }
  }

  const emitState = (name: OrderName, emitted: Emitted, order: OrderState): void => {
    const numbered = { symbol: name.symbol, order_no: name.order_no, cid: emitted.cid, order }
    const { status } = order
    if (order.gone) {
      if (emitted.missing) return
      emitted.missing = true
      event$.next({ _tag: 'Missing', ...numbered })
    } else if (isEnd(status)) {
      emitted.missing = false
      if (emitted.end !== undefined && !mayFollow(emitted.end, status)) return
      emitted.end = status
      event$.next({ _tag: 'Closed', reason: status, ...numbered })
    } else if (emitted.missing) {
      emitted.missing = false
      event$.next({ _tag: 'Reappeared', ...numbered })
    }
  }

  /** True where an order may be one whose reply is under way, so that its cid is about to become known. */
  const mayBeAwaited = ({ symbol }: OrderName, order: OrderState | undefined): boolean =>
    order?.cid === undefined && awaited.has(symbol)

  /** Emits every step that the ledger knows and that has not been emitted. */
  const emitOf = (name: OrderName, cid?: string): void => {
    const key = keyOf(name.symbol, name.order_no)
    const order = ledger.find(name.symbol, name.order_no)
    const isKnown = cid !== undefined || open.has(key) || ended.has(key)
    if (!isKnown && mayBeAwaited(name, order)) {
      const ofSymbol = held.get(name.symbol) ?? new Map<string, OrderName>()
      held.set(name.symbol, ofSymbol.set(key, name))
      return
    }
    held.get(name.symbol)?.delete(key)
    // A fill may come before anything else is told of its order: its notice brings the fill along.
    if (!isKnown && order === undefined) return
    const emitted = emittedOf(key)
    emitted.cid ??= cid ?? order?.cid
    accept(name, emitted, order)
    emitFills(name, emitted, order)
    if (order !== undefined) emitState(name, emitted, order)
    const isOpen = emitted.end === undefined && !emitted.missing
    if (isOpen && ended.has(key)) {
      ended.delete(key)
      open.set(key, emitted)
    } else if (!isOpen && open.delete(key)) ended.set(key, emitted)
  }

  /** A reply is no longer awaited. Orders that might have been that one are then those of others. */
  const settle = (symbol: string, cid: string): void => {
    const cids = awaited.get(symbol)
    if (cids?.delete(cid) !== true || cids.size > 0) return
    awaited.delete(symbol)
    for (const name of [...(held.get(symbol)?.values() ?? [])]) emitOf(name)
    if (held.get(symbol)?.size === 0) held.delete(symbol)
  }

  const listening = new Subscription()
  const failed = (error: unknown): void => event$.error(error)
  const listen = (change$: Observable<OrderName>): void => {
    listening.add(
      change$.subscribe({
        next: ({ symbol, order_no }) => inTurn(() => emitOf({ symbol, order_no })),
        error: failed,
      }),
    )
  }
  // It ends with `turn$`.
  // eslint-disable-next-line rxjs-x/no-ignored-subscription
  turn$.pipe(trampoline()).subscribe({ next: (step) => step(), error: failed, complete: () => event$.complete() })
  listen(ledger.state$)
  listen(ledger.fill$)

  return {
    event$: event$.asObservable(),
    denied: (order, reason, words) => inTurn(() => event$.next({ _tag: 'Denied', order, reason, words })),
    submitted: (cid, order) =>
      inTurn(() => {
        const cids = awaited.get(order.symbol) ?? new Set<string>()
        awaited.set(order.symbol, cids.add(cid))
        event$.next({ _tag: 'Submitted', cid, order })
      }),
    accepted: (cid, symbol, order_no) =>
      inTurn(() => {
        emitOf({ symbol, order_no }, cid)
        settle(symbol, cid)
      }),
    rejected: (cid, order, words) =>
      inTurn(() => {
        event$.next({ _tag: 'Rejected', cid, order, words })
        settle(order.symbol, cid)
      }),
    unresolved: (cid, order, words) =>
      inTurn(() => {
        event$.next({ _tag: 'Unresolved', cid, order, words })
        settle(order.symbol, cid)
      }),
    resolved: (cid, order, outcome, order_no) =>
      inTurn(() => {
        event$.next({ _tag: 'Resolved', cid, order, outcome, order_no })
        if (order_no !== undefined) emitOf({ symbol: order.symbol, order_no }, cid)
      }),
    notWritten: (cid, symbol) => inTurn(() => settle(symbol, cid)),
    complete() {
      listening.unsubscribe()
      turn$.complete()
    },
  }
}
