import type { Subscription } from 'rxjs'
import { type Connection, ConnectionClosed, memoryTransport, type Transport } from '../../src/transport/index.js'
import { seededEntropy, type VirtualClock, VirtualScheduler, virtualClock } from '../../src/time/index.js'

/** A frame as it went over the wire. */
export type Frame = Record<string, unknown> & { op: string }

/** One connection as the server sees it. */
export interface ServerSide {
  /** Counts from 1. */
  readonly nth: number
  readonly connection: Connection
  /** Everything that came, pings included. */
  readonly frames: readonly Frame[]
  /** What came with this op. */
  of(op: string): readonly Frame[]
  send(frame: object): void
  sendText(text: string): void
  /** A success or failure reply to a frame. */
  reply(to: Frame, fields?: object): void
  state(code: number, token?: string, msg?: string): void
  notify(topic: string, data: unknown, token?: string): void
  /** The client has gone, and how. */
  readonly closed: 'no' | 'politely' | 'lost'
}

export type Handler = (frame: Frame, side: ServerSide) => void

export const readyServer: Readonly<Record<string, Handler>> = {
  ping: (frame, side) => side.send({ op: 'pong', ts: frame.ts }),
  login: (frame, side) => {
    const token = `token-${side.nth}-${side.of('login').length}`
    side.reply(frame, { token })
    side.state(2, token)
    side.state(6, token)
  },
  logout: (frame, side) => side.reply(frame),
  open_orders: (frame, side) => side.reply(frame, { data: [] }),
}

/** A gateway that does as it is told, in virtual time: what a test does not script, it does not answer. */
export interface ScriptedServer {
  readonly scheduler: VirtualScheduler
  readonly clock: VirtualClock
  readonly transport: Transport
  readonly sides: readonly ServerSide[]
  /** The newest connection. */
  readonly side: ServerSide
  /** Every frame with this op, over all connections. */
  of(op: string): readonly Frame[]
  /** Options for `connect` that pin time and chance. */
  readonly options: { scheduler: VirtualScheduler; clock: VirtualClock; entropy: ReturnType<typeof seededEntropy> }
  on(op: string, handler: Handler): void
  /** While true, the client's dialling fails. */
  unreachable: boolean
}

export function scriptedServer(handlers: Record<string, Handler> = {}, seed = 1): ScriptedServer {
  const scheduler = new VirtualScheduler()
  const clock = virtualClock(scheduler)
  const table = new Map<string, Handler>(Object.entries({ ...readyServer, ...handlers }))
  const sides: ServerSide[] = []
  const subscriptions: Subscription[] = []

  const accept = (connection: Connection): void => {
    if (server.unreachable) throw new Error('connection refused')
    const frames: Frame[] = []
    let closed: ServerSide['closed'] = 'no'
    let token = ''
    const side: ServerSide = {
      nth: sides.length + 1,
      connection,
      frames,
      get closed() {
        return closed
      },
      of: (op) => frames.filter((frame) => frame.op === op),
      send: (frame) => void connection.send(JSON.stringify(frame)),
      sendText: (text) => void connection.send(text),
      reply: (to, fields = {}) => {
        if ('token' in fields) token = String(fields.token)
        side.send({ op: to.op, cid: to.cid, result: true, error_message: '', ...fields })
      },
      state: (code, of = token, msg = '') => side.send({ op: 'state', token: of, code, msg }),
      notify: (topic, data, of = token) => side.send({ op: 'notify', topic, token: of, data }),
    }
    sides.push(side)
    subscriptions.push(
      connection.message$.subscribe({
        next: (text) => {
          const frame = JSON.parse(String(text)) as Frame
          frames.push(frame)
          table.get(frame.op)?.(frame, side)
        },
        error: (error: unknown) => {
          closed = error instanceof ConnectionClosed && error.code !== 1006 ? 'politely' : 'lost'
        },
        complete: () => undefined,
      }),
    )
  }

  const server: ScriptedServer = {
    scheduler,
    clock,
    transport: memoryTransport(accept, { scheduler, delayMs: 1 }),
    sides,
    get side() {
      const last = sides.at(-1)
      if (last === undefined) throw new Error('nobody has connected')
      return last
    },
    of: (op) => sides.flatMap((side) => side.of(op)),
    options: { scheduler, clock, entropy: seededEntropy(seed) },
    on: (op, handler) => void table.set(op, handler),
    unreachable: false,
  }
  return server
}
