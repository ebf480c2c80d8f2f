import { map, mergeMap } from 'rxjs'
import { diagram } from 'rxquant/testing'

export default diagram({
  title: 'Commands before READY wait in order and are sent at READY',
  text: `Orders and queries wait for READY within their largest age, and are written before subscribers of
ready$ are notified. Two subscribers share one login and one socket.`,
  lanes: `
    login →    10ms ok  2s ready
    asset →    5ms assets(USDT 1000)
    place →    5ms placed(o1)
    client     login  2010ms asset  place(BUY 2 @ 100)
    balance    2015ms usdt(1000)
    placed     2015ms o1`,
  values: { o1: 'o1' },
  words: { usdt: (amount: number) => amount },
  untilMs: 4000,
  run: ({ login }) => {
    const account$ = login()
    return {
      balance: account$.pipe(
        mergeMap((account) => account.asset()),
        map(({ USDT }) => USDT?.free),
      ),
      placed: account$.pipe(
        mergeMap((account) =>
          account.placeOrder({ symbol: 'BTC/USDT', action: 'BUY', price: 100, quantity: 2, order_type: 'LIMIT' }),
        ),
        map(({ order_no }) => order_no),
      ),
    }
  },
})
