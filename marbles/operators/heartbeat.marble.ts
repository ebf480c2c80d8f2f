import { Subject } from 'rxjs'
import { heartbeat, PeerSilent } from 'rxquant/operators'
import { diagram, like } from 'rxquant/testing'

export default diagram({
  title: 'heartbeat pings, and gives up on a peer from whom nothing comes',
  text: `Every value is a sign of life and passes. When nothing has come for deadAfterMs the stream errors: a socket can look open
for minutes after the other side has gone.`,
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
