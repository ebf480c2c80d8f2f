import { map, switchMap } from 'rxjs'
import { diagram } from 'rxquant/testing'

export default diagram({
  title: 'An unresolved order is resolved by evidence, here by a late reply',
  text: `The reply takes longer than requestTimeoutMs. It arrives before the command would end as Unresolved,
and the command completes normally.`,
  lanes: `
    login →         ok  ready
    place →         12s placed(o1)
    open_orders →   5ms orders()
    client [in order]   login  place(BUY 2 @ 100)  open_orders
    command         12s o1`,
  values: { o1: 'o1' },
  untilMs: 14_000,
  run: ({ login }) => ({
    command: login().pipe(
      switchMap((account) =>
        account.placeOrder({ symbol: 'BTC/USDT', action: 'BUY', price: 100, quantity: 2, order_type: 'LIMIT' }),
      ),
      map(({ order_no }) => order_no),
    ),
  }),
})
