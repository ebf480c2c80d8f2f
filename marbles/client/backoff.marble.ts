import { map, merge, ignoreElements } from 'rxjs'
import { diagram } from 'rxquant/testing'

export default diagram({
  title: 'Reconnects to a refusing gateway with exponential backoff',
  text: `The pause has full jitter (here always one half) and a cap, applied before the jitter. The status is a
stream of tagged values.`,
  lanes: `
    server    #refused
    status    (Idle Connecting Lost) 275ms (Connecting Lost) 525ms (Connecting Lost) 1025ms (Connecting Lost)
              2025ms (Connecting Lost)`,
  values: { Idle: 'Idle', Connecting: 'Connecting', Lost: 'Lost' },
  untilMs: 5000,
  run: ({ connect }) => {
    const gateway = connect()
    const account$ = gateway.login({ platform: 'paper', symbols: [], access_key: 'key-1', secret_key: 'secret-1' })
    return { status: merge(gateway.status$, account$.pipe(ignoreElements())).pipe(map(({ _tag }) => _tag)) }
  },
})
