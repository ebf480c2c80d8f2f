import { Observable, Subscription } from 'rxjs'
import type { OrderRequest } from '../../orders/index.js'
import { NotSent } from '../errors/errors.js'
import type { CommandQueue } from '../requests/command-queue.js'

/** The orders of a login that wait to be written. */
export interface WaitingOrders {
  /**
   * Emits the order when it may be written. Errors with GateRefused, or with NotSent where a
   * cancel-all takes it back.
   */
  pass(order: OrderRequest, maxAgeMs: number): Observable<OrderRequest>
  /**
   * Takes the waiting orders of a symbol out of the queue: none is written after this call. Call
   * the result to tell their subscribers, once the cancel-all has its place in the queue: a
   * subscriber may place an order again at once.
   */
  takeBack(symbol: string): () => void
}

interface Waiting {
  readonly symbol: string
  leave(): void
  refuse(): void
}

const takenBack = (symbol: string): NotSent =>
  new NotSent(
    'place_order',
    'taken-back',
    `a cancel of all orders of ${symbol} took it back while it waited; it is safe to try again`,
  )

export function createWaitingOrders({ orders }: Pick<CommandQueue, 'orders'>): WaitingOrders {
  const all = new Set<Waiting>()
  return {
    pass: (order, maxAgeMs) =>
      new Observable((subscriber) => {
        const passing = new Subscription()
        const waiting: Waiting = {
          symbol: order.symbol,
          leave: () => passing.unsubscribe(),
          refuse: () => subscriber.error(takenBack(order.symbol)),
        }
        all.add(waiting)
        subscriber.add(passing)
        subscriber.add(() => all.delete(waiting))
        passing.add(
          orders.pass(order, { maxAgeMs }).subscribe({
            next: (value) => {
              // Before it is written: a cancel-all that is asked for meanwhile covers a written
              // order.
              all.delete(waiting)
              subscriber.next(value)
            },
            error: (error: unknown) => subscriber.error(error),
            complete: () => subscriber.complete(),
          }),
        )
      }),
    takeBack(symbol) {
      const taken = [...all].filter((waiting) => waiting.symbol === symbol)
      for (const waiting of taken) {
        all.delete(waiting)
        waiting.leave()
      }
      return () => {
        for (const waiting of taken) waiting.refuse()
      }
    },
  }
}
