import { map, merge, mergeMap } from 'rxjs'
import { diagram } from 'rxquant/testing'

export default diagram({
  title: 'Notices before the login reply are buffered and delivered in order',
  text: `Servers send state and notices before the reply that first names their token. The client buffers them
until the account is emitted, so that subscribers miss none.`,
  lanes: `
    server     5ms connected  order(o1, BUY 2 @ 100, remain 1)  fill(o1, 1 @ 100, f7)
    login →    20ms ok  10ms ready
    client     login
    notices    20ms (order fill)`,
  values: { order: 'o1 SUBMITTED', fill: 'f7' },
  untilMs: 1000,
  run: ({ login }) => ({
    notices: login().pipe(
      mergeMap((account) =>
        merge(
          account.order$.pipe(map(({ order_no, status }) => `${order_no} ${status}`)),
          account.fill$.pipe(map(({ fill_no }) => fill_no)),
        ),
      ),
    ),
  }),
})
