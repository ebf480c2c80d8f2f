import { Rejected, Unresolved } from 'rxquant'
import { map, mergeMap } from 'rxjs'
import { diagram, like } from 'rxquant/testing'

const order = { symbol: 'BTC/USDT', action: 'BUY', price: 100, quantity: 2, order_type: 'LIMIT' } as const

export default diagram({
  title: 'result: false is not always a rejection',
  text: `A server whose call to the exchange timed out replies result: false too, although the order may exist.
The first order is Rejected at once. The client looks for evidence of the second, and ends it Unresolved without
any.`,
  lanes: `
    login →         ok  ready
    place#1 →       10ms refused(price out of range)
    place#2 →       10ms refused(exchange request timeout)
    open_orders →   5ms orders()
    client [in order]   login  place  place  open_orders  open_orders  logout
    refused         10ms #rejected('price out of range')
    unsure          10010ms #unknown`,
  errors: {
    rejected: (words: string) => new Rejected('place_order', words),
    unknown: like(Unresolved, { cause: 'server-unsure' }),
  },
  untilMs: 10_010,
  run: ({ login }) => {
    const place$ = login().pipe(
      mergeMap((account) => account.placeOrder(order)),
      map(({ order_no }) => order_no),
    )
    return { refused: place$, unsure: place$ }
  },
})
