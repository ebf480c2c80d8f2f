import { map, merge, switchMap, ignoreElements } from 'rxjs'
import { diagram } from 'rxquant/testing'

export default diagram({
  title: 'gap$ reports when notices may have been missed, and the orders that disappeared',
  text: `The order is filled while the socket is down, and its notices are lost. The new snapshot lacks it. The
gap begins with the last answered query and lists the missing order.`,
  lanes: `
    login →           ok  ready
    open_orders#1 →   10ms orders(o1 BUY 1 @ 100)
    open_orders →     10ms orders()
    server#1          1s #lost
    gap               1285ms gap(0, 1275, o1)`,
  words: { gap: (from: number, to: number, gone: string) => ({ from, to, missing: [gone] }) },
  untilMs: 5000,
  run: ({ login }) => ({
    gap: login().pipe(
      switchMap((account) => merge(account.gap$, account.orders('BTC/USDT').pipe(ignoreElements()))),
      map(({ from, to, missing }) => ({ from, to, missing: missing.map(({ order_no }) => order_no) })),
    ),
  }),
})
