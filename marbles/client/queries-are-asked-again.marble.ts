import { map, switchMap } from 'rxjs'
import { diagram } from 'rxquant/testing'

export default diagram({
  title: 'A query in flight is sent again after a reconnect',
  text: 'A query has no side effects, so that it is safe to repeat. Its subscriber only sees a slower answer.',
  lanes: `
    login →           10ms ok  10ms ready
    asset#2 →         20ms assets(USDT 1000)
    open_orders →     20ms orders()
    server#1          500ms #lost
    client#1          login  20ms asset
    client#2 [in order]   login  asset  open_orders
    balance           815ms usdt(1000)`,
  words: { usdt: (amount: number) => amount },
  untilMs: 3000,
  run: ({ login }) => ({
    balance: login().pipe(
      switchMap((account) => account.asset()),
      map(({ USDT }) => USDT?.free),
    ),
  }),
})
