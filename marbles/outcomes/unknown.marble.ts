import { Unresolved } from 'rxquant'
import { switchMap } from 'rxjs'
import { diagram, like } from 'rxquant/testing'

export default diagram({
  title: 'Unresolved: it was written, and nobody knows what became of it',
  text: `The socket falls between the order and its reply. It is never sent again: not by the client, and not by retry(). The client looks for proof for a
while (the open orders of the new socket prove nothing: a filled order is absent too) and then says so.`,
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
