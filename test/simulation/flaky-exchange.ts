import { Observable, ReplaySubject, Subscription, tap, throwError } from 'rxjs'
import {
  type AdapterEvent,
  type ExchangeAdapter,
  type AdapterSession,
  OutcomeUnknown,
  type LoginDetails,
  type NewOrder,
  IdempotencyStore,
} from '../../src/gateway/index.js'
import type { VirtualScheduler } from '../../src/time/index.js'
import type { Dice } from './dice.js'
import type { Hits } from './hits.js'
import type { Machine } from './machine.js'
import type { Venue } from './venue.js'

/** How badly the way between the gateway and the exchange behaves. */
export interface ExchangeTroubles {
  /** The longest a call takes, each way, in ms. */
  readonly callMs: number
  /** The longest a notice takes, in ms. */
  readonly noticeMs: number
  /** Share of calls that never reach the exchange, and are answered by nobody. */
  readonly lostThere: number
  /** Share of calls that are carried out, and whose answer is lost. */
  readonly lostBack: number
  /** Share of calls that fail with a server's error, carried out or not. */
  readonly fails: number
  /** Share of orders that the gateway asks for twice, having lost patience with the first call. */
  readonly copies: number
}

interface Options {
  readonly venue: Venue
  readonly machine: Machine
  readonly scheduler: VirtualScheduler
  readonly dice: Dice
  readonly troubles: () => ExchangeTroubles
  readonly hits: Hits
  /** A call has been lost, and whoever asked must wait until he gives up. */
  readonly onLost: () => void
  /** An order has been accepted, and the reply is on its way. */
  readonly afterAccepted: () => void
  /** One more order has been made of a frame that had made one. */
  readonly onCopied: (order: NewOrder, order_no: string) => void
  /** Whether there may be two of it: of twins nobody could say whose the third is. */
  readonly mayBeCopied: (order: NewOrder) => boolean
}

/** The paper exchange as a gateway reaches it over a bad line. What the paper venue remembers and numbers is not that of a remote one. */
export const flakyExchange = (options: Options): ExchangeAdapter => {
  // One account trades here; its cids are known for as long as this gateway lives.
  const memory = options.venue.home === 'remote, cids' ? new IdempotencyStore() : undefined
  return {
    features: memory === undefined ? ['market'] : ['market', 'cid'],
    open: (details) => new FlakySession(options, details, memory),
  }
}

const withoutNumber = (event: AdapterEvent): AdapterEvent => {
  if (event._tag !== 'notice') return event
  if (event.topic === 'order') {
    const { seq: _, ...data } = event.data
    return { _tag: 'notice', topic: 'order', data }
  }
  if (event.topic === 'fill') {
    const { seq: _, ...data } = event.data
    return { _tag: 'notice', topic: 'fill', data }
  }
  return event
}

class FlakySession implements AdapterSession {
  readonly #options: Options
  readonly #session: AdapterSession

  readonly memory?: IdempotencyStore

  constructor(options: Options, details: LoginDetails, memory: IdempotencyStore | undefined) {
    this.#options = options
    if (memory !== undefined) this.memory = memory
    this.#session = options.venue.platform.open(details)
  }

  readonly event$ = new Observable<AdapterEvent>((subscriber) => {
    const { machine, venue, troubles, dice, scheduler } = this.#options
    const all = new Subscription()
    let line = new Subscription()
    let lastAt = 0

    const tell = (event: AdapterEvent): void => {
      const mine = line
      const at = Math.max(lastAt, scheduler.now() + dice.between(0, troubles().noticeMs))
      lastAt = at
      // What is on its way when the line falls is lost.
      const send = (): void => {
        if (!mine.closed) subscriber.next(withoutNumber(event))
      }
      mine.add(machine.scheduler.schedule(send, at - scheduler.now()))
    }
    const connect = (): void => {
      line = new Subscription()
      if (machine.dead || subscriber.closed) return
      const now = scheduler.now()
      if (venue.downUntil > now) {
        subscriber.next({ _tag: 'state', code: 3, msg: 'could not connect' })
        all.add(machine.scheduler.schedule(again, Math.min(5_000, venue.downUntil - now)))
        return
      }
      line.add(this.#session.event$.subscribe({ next: tell }))
    }
    const again = (): void => {
      subscriber.next({ _tag: 'state', code: 5, msg: 'reconnecting' })
      connect()
    }
    all.add(
      venue.dropped$.subscribe((forMs) => {
        if (machine.dead) return
        line.unsubscribe()
        subscriber.next({ _tag: 'state', code: 4, msg: 'disconnected' })
        all.add(machine.scheduler.schedule(again, forMs))
      }),
    )
    connect()
    all.add(() => line.unsubscribe())
    return all
  })

  placeOrder = (order: NewOrder) =>
    this.#call(() => this.#session.placeOrder(order).pipe(tap(() => this.#copy(order))), true)
  cancelOrder = (request: Parameters<AdapterSession['cancelOrder']>[0]) =>
    this.#call(() => this.#session.cancelOrder(request))
  openOrders = (symbol: string) => this.#call(() => this.#session.openOrders(symbol))
  asset = () => this.#call(() => this.#session.asset())
  position = (symbol: string) => this.#call(() => this.#session.position(symbol))
  symbolInfo = (symbol: string) => this.#call(() => this.#session.symbolInfo(symbol))

  #copy(order: NewOrder): void {
    const { dice, troubles, hits, mayBeCopied, onCopied } = this.#options
    if (!mayBeCopied(order) || !dice.chance(troubles().copies)) return
    this.#session.placeOrder({ ...order, cid: '' }).subscribe({
      next: ({ order_no }) => {
        hits.count('exchange: two orders made of one')
        onCopied(order, order_no)
      },
      // What the first has used up the second does without.
      error: () => undefined,
    })
  }

  /** A call there and back. Once sent it goes on, whoever stops waiting. */
  #call<A>(work: () => Observable<A>, isOrder = false): Observable<A> {
    return new Observable<A>((subscriber) => {
      const { machine, venue, troubles, dice, scheduler, hits, onLost, afterAccepted } = this.#options
      if (machine.dead) return
      const { callMs, lostThere, lostBack, fails } = troubles()
      const answer = new ReplaySubject<A>(1)
      const lost = dice.chance(lostThere)
      const unanswered = dice.chance(lostBack)
      const failing = dice.chance(fails)
      const carriedOut = !failing || dice.chance(0.5)
      const backMs = dice.between(0, callMs)

      const back = (): void => {
        if (unanswered) {
          hits.count('exchange: answer lost')
          onLost()
          return
        }
        machine.scheduler.schedule(() => {
          if (!failing) answerWith(answer)
          else answerWith(throwError(() => new OutcomeUnknown('HTTP 502 Bad Gateway')))
        }, backMs)
      }
      const answerWith = (what: Observable<A>): void => subscriber.add(what.subscribe(subscriber))

      scheduler.schedule(
        () => {
          if (lost || venue.downUntil > scheduler.now()) {
            hits.count('exchange: call lost')
            onLost()
            return
          }
          if (failing) hits.count('exchange: call failed')
          if (carriedOut) work().subscribe(answer)
          if (isOrder) afterAccepted()
          back()
        },
        dice.between(0, callMs),
      )
    })
  }
}
