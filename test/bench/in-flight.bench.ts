// Many requests in flight at once: each is held until its reply comes, and then matched. The peer is in memory and keeps nothing, so the
// bytes are this side's alone. REQUESTS may be given. Target: 100,000 in flight, each answered once.
import { Observable, Subject } from 'rxjs'
import { type Account, connect } from '../../src/client/index.js'
import { matchReply } from '../../src/operators/index.js'
import type { Connection, Transport } from '../../src/transport/index.js'

const requests = Number(process.env['REQUESTS'] ?? 100_000)
const { gc } = globalThis as { readonly gc?: () => void }
if (gc === undefined) throw new Error('run it with --expose-gc')

/** Living bytes of the heap. */
const living = (): number => {
  gc()
  gc()
  return process.memoryUsage().heapUsed
}

let ids = 0
const entropy = { id: () => `cid-${String(ids++).padStart(20, '0')}`, uniform: Math.random }

/** Answers a login at once, and every other request when `reply` is called. */
const peer = () => {
  const message$ = new Subject<string>()
  const say = (frame: object): void => message$.next(JSON.stringify(frame))
  const connection: Connection = {
    message$,
    bufferedAmount: 0,
    send(text) {
      const { op, cid } = JSON.parse(text) as { readonly op: string; readonly cid: string }
      if (op === 'login') {
        queueMicrotask(() => {
          say({ op, cid, result: true, error_message: '', token: 't' })
          say({ op: 'state', token: 't', code: 6, msg: 'READY' })
        })
      }
      return true
    },
    close: () => undefined,
    abandon: () => undefined,
  }
  const transport: Transport = new Observable((subscriber) => subscriber.next(connection))
  return { transport, say }
}

const held = async (
  name: string,
  ask: (answered: () => void) => unknown,
  reply: (nth: number) => void,
): Promise<void> => {
  let answers = 0
  const answered = (): void => {
    answers++
  }
  const before = living()
  const start = performance.now()
  for (let i = 0; i < requests; i++) ask(answered)
  const asked = performance.now()
  const bytes = (living() - before) / requests
  const replying = performance.now()
  for (let i = 0; i < requests; i++) reply(i)
  const end = performance.now()
  const us = (ms: number): string => ((ms * 1_000) / requests).toFixed(1)
  console.log(
    `  ${name.padEnd(24)} ${requests} held, ${answers} matched; ${bytes.toFixed(0)} bytes, ${us(asked - start)} µs to ask, ${us(end - replying)} µs to match each`,
  )
  if (answers !== requests) throw new Error(`${name}: ${requests - answers} without an answer`)
  await new Promise((resolve) => setTimeout(resolve, 10))
}

/** Cid of the nth request after `first`. */
const cidOf = (first: number, nth: number): string => `cid-${String(first + nth).padStart(20, '0')}`

console.log('requests in flight')
const reply$ = new Subject<{ readonly cid: string }>()
const matcher = matchReply(reply$, { idOf: ({ cid }) => cid })
matcher.connect()
await held(
  'matchReply',
  (answered) => matcher.request(entropy.id(), () => undefined, { timeoutMs: 600_000 }).subscribe(answered),
  (nth) => reply$.next({ cid: cidOf(0, nth) }),
)

const { transport, say } = peer()
const account = await new Promise<Account>((resolve, reject) =>
  connect(transport, { entropy, requestTimeoutMs: 600_000, pingEveryMs: 600_000, deadAfterMs: 1_300_000 })
    .login({ platform: 'p', symbols: ['BTC/USDT'], access_key: 'k', secret_key: 's' })
    .subscribe({ next: resolve, error: reject }),
)
const ok = { result: true, error_message: '' }

const firstQuery = ids
await held(
  'client, asset()',
  (answered) => account.asset().subscribe(answered),
  (nth) => say({ op: 'asset', cid: cidOf(firstQuery, nth), ...ok, data: { USDT: { free: 1, locked: 0, total: 1 } } }),
)

const order = { symbol: 'BTC/USDT', action: 'BUY', price: 20_000, quantity: 0.5, order_type: 'LIMIT' } as const
const firstOrder = ids
await held(
  'client, placeOrder()',
  (answered) => account.placeOrder(order).subscribe(answered),
  (nth) => say({ op: 'place_order', cid: cidOf(firstOrder, nth), ...ok, order_no: String(nth) }),
)
process.exit(0)
