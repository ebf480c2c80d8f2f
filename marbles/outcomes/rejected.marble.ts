import { Rejected } from 'rxquant'
import { switchMap } from 'rxjs'
import { diagram } from 'rxquant/testing'

export default diagram({
  title: 'Rejected: the server refused the order, and no order exists',
  text: 'The caller decides whether to try again. The error has the message of the server.',
  lanes: `
    login →   ok  ready
    place →   20ms refused(insufficient balance)
    client    login  place(BUY 2 @ 100)  20ms logout
    command   20ms #rejected('insufficient balance')`,
  errors: { rejected: (words: string) => new Rejected('place_order', words) },
  untilMs: 1000,
  run: ({ login }) => ({
    command: login().pipe(
      switchMap((account) =>
        account.placeOrder({ symbol: 'BTC/USDT', action: 'BUY', price: 100, quantity: 2, order_type: 'LIMIT' }),
      ),
    ),
  }),
})
