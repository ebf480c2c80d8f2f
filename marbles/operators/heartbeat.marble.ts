import { Subject } from 'rxjs'
import { heartbeat, PeerSilent } from 'rxquant/operators'
import { diagram, like } from 'rxquant/testing'

export default diagram({
  title: 'heartbeat sends pings and errors when nothing arrives',
  text: `Every value proves that the peer is alive and passes. After deadAfterMs without a value the stream
errors: a socket can look open for minutes after the peer has gone.`,
  code: 'heartbeat({ ping, everyMs: 5000, deadAfterMs: 11000 })',
  lanes: `
    frames   2s tick  5s pong  2s tick
    pings    5s ping  5s ping  5s ping  5s ping
    heard    2s tick  5s pong  2s tick  11s #silent`,
  values: { tick: 'tick', pong: 'pong', ping: 'ping' },
  errors: { silent: like(PeerSilent, { kind: 'no-frame' }) },
  run: ({ hot }) => {
    const pings = new Subject<string>()
    return {
      heard: hot('frames').pipe(heartbeat({ ping: () => pings.next('ping'), everyMs: 5000, deadAfterMs: 11_000 })),
      pings,
    }
  },
})
