import { map, switchMap } from 'rxjs'
import { diagram } from 'rxquant/testing'

export default diagram({
  title: 'An unknown fate is settled by proof: here a reply that came late',
  text: 'The reply takes longer than requestTimeoutMs. Before Unresolved would be told, it comes after all, and the command ends well.',
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
