import { type Observable, Subject } from 'rxjs'
import { isEnd, isFilledWhole, mayFollow, type OrderEvent, type OrderName, roundSum } from '../../orders/index.js'
import { oneAtATime } from '../one-at-a-time.js'
import { BoundedMap } from '../bounded-map.js'
import { keyOf, type OrderStore, type OrderState } from '../state/stores/index.js'

/** Steps of an order of this client that only its sender knows. */
export type SenderStep =
  | Extract<OrderEvent, { _tag: 'Denied' | 'Submitted' | 'Rejected' | 'Unresolved' | 'Resolved' }>
  /** The server has taken the order, by its reply. */
  | { readonly _tag: 'Taken'; readonly cid: string; readonly symbol: string; readonly order_no: string }
  /** The order was never written: no reply to it is awaited. */
  | { readonly _tag: 'NotWritten'; readonly cid: string; readonly symbol: string }

/** Order events of an Account. */
export interface OrderEvents {
  readonly event$: Observable<OrderEvent>
  take(step: SenderStep): void
  complete(): void
}

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

export function createOrderEvents(orderStore: OrderStore): OrderEvents {
  const event$ = new Subject<OrderEvent>()
  const open = new Map<string, Emitted>()
  const ended = new BoundedMap<Emitted>(mostRemembered)
  /** Cids by symbol whose reply is outstanding. */
  const awaited = new Map<string, Set<string>>()
  /** Orders without a cid that appeared meanwhile: each may be an awaited one. */
  const held = new Map<string, Map<string, OrderName>>()

  const begin = (key: string): Emitted => {
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
    for (const fill of orderStore.fillsOf(symbol, order_no, emitted.fills)) {
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
    if (order.missing) {
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

  /**
   * True where an order may be one whose reply is under way, so that its cid is about to become
   * known.
   */
  const mayBeAwaited = ({ symbol }: OrderName, order: OrderState | undefined): boolean =>
    order?.cid === undefined && awaited.has(symbol)

  /** Emits every step that the ledger knows and that has not been emitted. */
  const emitOf = (name: OrderName, cid?: string): void => {
    const key = keyOf(name.symbol, name.order_no)
    const order = orderStore.find(name.symbol, name.order_no)
    const ofOpen = open.get(key)
    const known = ofOpen ?? ended.get(key)
    const isKnown = cid !== undefined || known !== undefined
    if (!isKnown && mayBeAwaited(name, order)) {
      const ofSymbol = held.get(name.symbol) ?? new Map<string, OrderName>()
      held.set(name.symbol, ofSymbol.set(key, name))
      return
    }
    if (held.size > 0) held.get(name.symbol)?.delete(key)
    // A fill may come before any notice of its order, which then brings the fill along.
    if (!isKnown && order === undefined) return
    const emitted = known ?? begin(key)
    emitted.cid ??= cid ?? order?.cid
    accept(name, emitted, order)
    emitFills(name, emitted, order)
    if (order !== undefined) emitState(name, emitted, order)
    const isOpen = emitted.end === undefined && !emitted.missing
    if (!isOpen) {
      if (open.delete(key)) ended.set(key, emitted)
    } else if (known !== undefined && ofOpen === undefined) {
      ended.delete(key)
      open.set(key, emitted)
    }
  }

  /** Ends the wait for a reply. Orders that might have been that one are then those of others. */
  const settle = (symbol: string, cid: string): void => {
    const cids = awaited.get(symbol)
    if (cids?.delete(cid) !== true || cids.size > 0) return
    awaited.delete(symbol)
    for (const name of [...(held.get(symbol)?.values() ?? [])]) emitOf(name)
    if (held.get(symbol)?.size === 0) held.delete(symbol)
  }

  const takeStep = (step: SenderStep): void => {
    switch (step._tag) {
      case 'Taken':
        emitOf(step, step.cid)
        settle(step.symbol, step.cid)
        break
      case 'NotWritten':
        settle(step.symbol, step.cid)
        break
      case 'Submitted': {
        const { cid, order } = step
        awaited.set(order.symbol, (awaited.get(order.symbol) ?? new Set<string>()).add(cid))
        event$.next(step)
        break
      }
      case 'Resolved':
        event$.next(step)
        if (step.order_no !== undefined) emitOf({ symbol: step.order.symbol, order_no: step.order_no }, step.cid)
        break
      default:
        event$.next(step)
        if (step._tag !== 'Denied') settle(step.order.symbol, step.cid)
    }
  }

  // One step after another: what a subscriber causes by its reaction comes behind, for every
  // subscriber.
  const inTurn = oneAtATime<SenderStep | OrderName | 'complete'>((step) => {
    if (step === 'complete') event$.complete()
    else if ('_tag' in step) takeStep(step)
    else emitOf(step)
  })
  const changed = {
    next: ({ symbol, order_no }: OrderName): void => inTurn({ symbol, order_no }),
    error: (error: unknown): void => event$.error(error),
  }
  const listening = orderStore.state$.subscribe(changed)
  listening.add(orderStore.fill$.subscribe(changed))

  return {
    event$: event$.asObservable(),
    take: inTurn,
    complete() {
      listening.unsubscribe()
      inTurn('complete')
    },
  }
}
