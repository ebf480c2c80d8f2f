import { map, mergeMap, shareReplay, takeUntil, timer } from 'rxjs'
import { diagram } from 'rxquant/testing'

const order = { symbol: 'BTC/USDT', action: 'BUY', price: 100, quantity: 2, order_type: 'LIMIT' } as const

export default diagram({
  title: 'One subscription is one request; unsubscribing before READY takes it back',
  text: `The first order is unsubscribed from while it waits for READY: it is never written. The second is
written at READY. Subscribing to the same command again, after it completed, places another order.`,
  lanes: `
    login →   10ms ok  2s ready
    place#1 →   500ms placed(o1)
    place#2 →   500ms placed(o2)
    client    login  2010ms place(BUY 2 @ 100)  590ms place(BUY 2 @ 100)
    first     1s |
    second    2510ms o1
    again     3100ms o2`,
  values: { o1: 'o1', o2: 'o2' },
  untilMs: 4000,
  run: ({ login }) => {
    const account$ = login()
    const placed$ = account$.pipe(
      map((account) => account.placeOrder(order)),
      shareReplay({ bufferSize: 1, refCount: true }),
    )
    return {
      first: account$.pipe(
        mergeMap((account) => account.placeOrder(order)),
        takeUntil(timer(1000)),
      ),
      second: placed$.pipe(
        mergeMap((command$) => command$),
        map(({ order_no }) => order_no),
      ),
      again: timer(2600).pipe(
        mergeMap(() => placed$),
        mergeMap((command$) => command$),
        map(({ order_no }) => order_no),
      ),
    }
  },
})
