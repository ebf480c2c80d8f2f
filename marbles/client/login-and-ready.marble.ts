import { switchMap } from 'rxjs'
import { diagram } from 'rxquant/testing'

export default diagram({
  title: 'A login emits its account when the server takes it; READY comes later',
  text: `The login's reply only says that the wish to log in was taken. The account is there to subscribe to, but nothing is sent on it
before the server says READY.`,
  lanes: `
    login →   30ms ok  500ms connected  1s ready
    client    login(huobi)
    account   30ms account
    ready$    30ms no  1500ms yes`,
  values: { account: 'huobi', yes: true, no: false },
  untilMs: 3000,
  run: ({ login }) => {
    const account$ = login({ platform: 'huobi' })
    return {
      account: account$.pipe(switchMap(({ platform }) => [platform])),
      ready$: account$.pipe(switchMap((account) => account.ready$)),
    }
  },
})
