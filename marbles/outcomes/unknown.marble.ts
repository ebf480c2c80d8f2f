import { Unresolved } from 'rxquant'
import { switchMap } from 'rxjs'
import { diagram, like } from 'rxquant/testing'

export default diagram({
  title: 'Unresolved: the order was written, and its outcome is not known',
  text: `The socket drops between the order and its reply. Neither the client nor retry() sends it again. The
client looks for evidence (the open orders of the new socket prove nothing: a filled order is absent too) and
then errors with Unresolved.`,
  lanes: `
    login →         ok  ready
    open_orders →   5ms orders()
    server#1        100ms #lost
    client#1        login  place(BUY 2 @ 100)
    client#2        375ms login  open_orders  9725ms logout
    command         10100ms #unknown('connection-lost')`,
  errors: { unknown: (cause: string) => like(Unresolved, { cause, cid: 'c2' }) },
  untilMs: 12_000,
  run: ({ login }) => ({
    command: login().pipe(
      switchMap((account) =>
        account.placeOrder({ symbol: 'BTC/USDT', action: 'BUY', price: 100, quantity: 2, order_type: 'LIMIT' }),
      ),
    ),
  }),
})
