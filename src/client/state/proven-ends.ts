import { filter, map, mergeMap, type Observable, of, type SchedulerLike, timer } from 'rxjs'
import type { Order } from '../../protocol/index.js'
import type { OrderStore, OrderState } from './stores/index.js'

/**
 * Time for the server to tell FILLED itself once the fills of an order add up, in ms: most do so
 * right behind the last fill.
 */
const toldWithinMs = 500

const asTold = ({
  filled: _filled,
  averagePrice: _price,
  signedQuantity: _signed,
  missing: _gone,
  ...order
}: OrderState): Order => order

/**
 * The ends of orders that the server does not tell, as it would have told them: for everyone who
 * waits for the notice of an end. A cancellation is proven by a question asked some time after its
 * reply, so it is not held back.
 */
export const provenEnds = (orders: OrderStore, scheduler: SchedulerLike): Observable<Order> =>
  orders.proven$.pipe(
    mergeMap((state) =>
      state.status === 'FILLED' ? timer(toldWithinMs, scheduler).pipe(map(() => state)) : of(state),
    ),
    filter(({ symbol, order_no }) => orders.isProven(symbol, order_no)),
    map((state) => asTold(orders.find(state.symbol, state.order_no) ?? state)),
  )
