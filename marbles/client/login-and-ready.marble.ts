import { switchMap } from 'rxjs'
import { diagram } from 'rxquant/testing'

export default diagram({
  title: 'A login emits its account when the server accepts it; READY comes later',
  text: `The reply to a login only confirms the request. Streams of the account can be subscribed to, but
commands wait until the server reports READY.`,
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
