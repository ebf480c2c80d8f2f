import { Subject } from 'rxjs'
import { heartbeat, PeerSilent } from 'rxquant/operators'
import { diagram, like } from 'rxquant/testing'

export default diagram({
  title: 'heartbeat detects a peer that sends but does not receive',
  text: `Market data still arrives while frames to the peer are lost: the connection looks alive, but orders
vanish. With isAnswer, unanswered pings end the stream even while other values arrive.`,
  code: 'heartbeat({ ping, isAnswer, everyMs: 5000, deadAfterMs: 11000 })',
  lanes: `
    frames   1s tick  4100ms pong  3s tick  3s tick  3s tick
    pings    5s ping  5s ping  5s ping
    heard    1s tick  4100ms pong  3s tick  3s tick  3s tick  2s #deaf`,
  values: { tick: 'tick', pong: 'pong', ping: 'ping' },
  errors: { deaf: like(PeerSilent, { kind: 'unanswered-ping' }) },
  run: ({ hot }) => {
    const pings = new Subject<string>()
    return {
      heard: hot<string>('frames').pipe(
        heartbeat({
          ping: () => pings.next('ping'),
          isAnswer: (frame) => frame === 'pong',
          everyMs: 5000,
          deadAfterMs: 11_000,
        }),
      ),
      pings,
    }
  },
})
