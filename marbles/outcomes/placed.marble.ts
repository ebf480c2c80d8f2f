import { map, switchMap } from 'rxjs'
import { diagram } from 'rxquant/testing'

export default diagram({
  title: 'Placed: the server accepted the order and gave it an order id',
  text: `The command emits the reply and completes. Notices report the rest of the order, and may come before
the reply.`,
  lanes: `
    login →   ok  ready
    place →   20ms order(o1, BUY 2 @ 100)  10ms placed(o1)  30ms fill(o1, 2 @ 100)  order(o1, FILLED)
    client    login  place(BUY 2 @ 100)
    command   30ms o1
    fills     60ms fill(2)`,
  values: { o1: 'o1' },
  words: { fill: (quantity: number) => quantity },
  untilMs: 1000,
  run: ({ login }) => {
    const account$ = login()
    return {
      command: account$.pipe(
        switchMap((account) =>
          account.placeOrder({ symbol: 'BTC/USDT', action: 'BUY', price: 100, quantity: 2, order_type: 'LIMIT' }),
        ),
        map(({ order_no }) => order_no),
      ),
      fills: account$.pipe(
        switchMap((account) => account.fill$),
        map(({ quantity }) => quantity),
      ),
    }
  },
})
