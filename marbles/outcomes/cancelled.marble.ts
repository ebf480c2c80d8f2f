import { concatMap, map, mergeMap, switchMap } from 'rxjs'
import { diagram } from 'rxquant/testing'

export default diagram({
  title: 'A cancel without a reply is resolved by the order notice',
  text: 'Some servers never answer a successful cancel of a single order. The CANCELED notice resolves the cancel.',
  lanes: `
    login →    ok  ready
    place →    10ms placed(o1)
    cancel →   30ms order(o1, CANCELED)
    client     login  place(BUY 2 @ 100)  10ms cancel(o1)
    done       40ms o1`,
  values: { o1: 'o1' },
  untilMs: 2000,
  run: ({ login }) => ({
    done: login().pipe(
      switchMap((account) =>
        account.placeOrder({ symbol: 'BTC/USDT', action: 'BUY', price: 100, quantity: 2, order_type: 'LIMIT' }).pipe(
          concatMap(({ order_no }) => account.cancelOrder({ symbol: 'BTC/USDT', order_nos: [order_no] })),
          mergeMap((results) => results),
        ),
      ),
      map(({ order_no }) => order_no),
    ),
  }),
})
