import { NotSent } from 'rxquant'
import { switchMap } from 'rxjs'
import { diagram, like } from 'rxquant/testing'

export default diagram({
  title: 'NotSent: the order was never written, and it is safe to try again',
  text: `READY does not come within the largest age of the order. The client removes it from the command queue
and writes nothing.`,
  lanes: `
    login →   10ms ok  8s ready
    client    login  5010ms logout
    command   5010ms #notSent`,
  errors: { notSent: like(NotSent, { op: 'place_order', reason: 'not-ready-in-time' }) },
  untilMs: 10_000,
  run: ({ login }) => ({
    command: login().pipe(
      switchMap((account) =>
        account.placeOrder({ symbol: 'BTC/USDT', action: 'BUY', price: 100, quantity: 2, order_type: 'LIMIT' }),
      ),
    ),
  }),
})
