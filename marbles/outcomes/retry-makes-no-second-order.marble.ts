import { NotSent } from 'rxquant'
import { retry, switchMap } from 'rxjs'
import { diagram, like } from 'rxquant/testing'

export default diagram({
  title: 'retry(3) on an unresolved order places no second order',
  text: `The reply never comes and no evidence is found: Unresolved. Further subscriptions are refused without a
frame until the first order is resolved.`,
  lanes: `
    login →         ok  ready
    open_orders →   5ms orders()
    client [in order]   login  place(BUY 2 @ 100)  open_orders  open_orders  logout
    command         20s #unresolved`,
  errors: { unresolved: like(NotSent, { reason: 'unresolved' }) },
  untilMs: 30_000,
  run: ({ login }) => ({
    command: login().pipe(
      switchMap((account) =>
        account
          .placeOrder({ symbol: 'BTC/USDT', action: 'BUY', price: 100, quantity: 2, order_type: 'LIMIT' })
          .pipe(retry(3)),
      ),
    ),
  }),
})
