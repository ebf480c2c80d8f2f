import { switchMap } from 'rxjs'
import { diagram } from 'rxquant/testing'

export default diagram({
  title: 'ready$ follows the state that the server reports',
  text: `The exchange behind the gateway disconnects (4, 5) and returns; a general error (7) and unknown codes
change nothing. The server reports READY again by itself.`,
  lanes: `
    open_orders →   5ms orders()
    login →   10ms ok  10ms ready
    server    1s trouble  1s state(9, maintenance)  1s disconnected  5s reconnecting  1s connected  500ms ready
    client    login  9500ms open_orders
    ready$    10ms no  10ms yes  2980ms no  6500ms yes`,
  values: { yes: true, no: false },
  untilMs: 12_000,
  run: ({ login }) => ({ ready$: login().pipe(switchMap((account) => account.ready$)) }),
})
