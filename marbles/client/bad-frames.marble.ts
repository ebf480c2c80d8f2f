import { map, switchMap } from 'rxjs'
import { diagram } from 'rxquant/testing'

export default diagram({
  title: 'Malformed frames are reported and change nothing else',
  text: `Malformed frames and unknown ops go to protocolErrors$. The connection and all subscriptions continue:
no frame of a server can throw.`,
  lanes: `
    login →   ok  ready
    server    1s raw('{"op":')  1s raw({"op": "dance"})  1s order(o1, BUY 1 @ 100)
    client    login  1s open_orders(BTC/USDT)
    errors    1s json  1s op
    orders    3s o1`,
  values: { json: 'json', op: 'op', o1: 'o1' },
  untilMs: 4000,
  run: ({ connect }) => {
    const gateway = connect()
    const account$ = gateway.login({
      platform: 'paper',
      symbols: ['BTC/USDT'],
      access_key: 'key-1',
      secret_key: 'secret-1',
    })
    return {
      errors: gateway.protocolErrors$.pipe(map(({ error }) => ('reason' in error ? error.reason : error.name))),
      orders: account$.pipe(
        switchMap((account) => account.order$),
        map(({ order_no }) => order_no),
      ),
    }
  },
})
