import { map, switchMap } from 'rxjs'
import { diagram } from 'rxquant/testing'

export default diagram({
  title: 'A live view starts from a snapshot, applies notices, and is refreshed after a drop',
  text: `An order is filled while the socket is down, and its notices are lost. The view is marked stale until a
new snapshot replaces it.`,
  lanes: `
    login →           ok  ready
    open_orders#1 →   10ms orders(o1 BUY 1 @ 100, o2 SELL 1 @ 110)
    open_orders →     10ms orders(o2 SELL 1 @ 110)
    server#1          1s order(o3, BUY 1 @ 99)  1s #lost
    client#1          login  open_orders
    client#2          2275ms login  open_orders
    open              10ms view(o1 o2)  990ms view(o1 o2 o3)  1s stale(o1 o2 o3)  285ms (stale(o2) view(o2))`,
  words: {
    view: (orders: string) => [orders, false],
    stale: (orders: string) => [orders, true],
  },
  untilMs: 5000,
  run: ({ login }) => ({
    open: login().pipe(
      switchMap((account) => account.orders('BTC/USDT')),
      map(({ all, stale }) => [[...all.keys()].sort().join(' '), stale]),
    ),
  }),
})
