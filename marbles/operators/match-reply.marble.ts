import { Subject } from 'rxjs'
import { matchReply, ReplyTimeout } from 'rxquant/operators'
import { diagram } from 'rxquant/testing'

interface Reply {
  readonly cid: string
}

export default diagram({
  title: 'matchReply gives each request its own reply and recognises a late one',
  text: `Replies come in any order and are matched by id. A request without a reply in time errors with a
timeout, which does not mean that nothing was done: a late reply is separated from one that matches no request.`,
  code: 'matchReply(replies$, { idOf: (reply) => reply.cid })',
  lanes: `
    replies    300ms reply(2)  100ms reply(1)  2s reply(3)  500ms reply(9)
    sent       ask(1)  100ms ask(2)  100ms ask(3)
    first      400ms reply(1) |
    second     300ms reply(2) |
    third      1200ms #timeout
    late       2400ms reply(3)
    unmatched  2900ms reply(9)`,
  words: { reply: (cid: number): Reply => ({ cid: String(cid) }), ask: (cid: number) => ({ ask: cid }) },
  errors: { timeout: ReplyTimeout },
  run: ({ hot, at }) => {
    const sent = new Subject<{ ask: number }>()
    const matcher = matchReply(hot<Reply>('replies'), { idOf: ({ cid }) => cid })
    at(0, () => matcher.connect())
    const ask = (n: number) => {
      const reply$ = new Subject<Reply>()
      const request$ = matcher.request(String(n), () => sent.next({ ask: n }), { timeoutMs: 1000 })
      at((n - 1) * 100, () => request$.subscribe(reply$))
      return reply$
    }
    return {
      sent,
      first: ask(1),
      second: ask(2),
      third: ask(3),
      late: matcher.late$,
      unmatched: matcher.unmatched$,
    }
  },
})
