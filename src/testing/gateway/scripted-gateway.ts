import { Observable, type SchedulerAction, type SchedulerLike, Subscription } from 'rxjs'
import { type ClientFrame, decodeClientFrame, type Order } from '../../protocol/index.js'
import {
  type Connection,
  ConnectionClosed,
  type Message,
  memoryTransport,
  type Transport,
} from '../../transport/index.js'
import { align } from '../compare/align.js'
import { difference } from '../compare/difference.js'
import { show } from '../compare/show.js'
import type { LaneEvent } from '../notation/lane.js'
import type { LaneRecord } from '../record/lane-record.js'
import type { ScenarioFault, RunLane } from '../run/scenario-run.js'
import type { ScriptLane } from '../script.js'
import { labelFrame } from './client-words.js'
import type { GatewayLanes, ReplyLane } from './gateway-lanes.js'
import { type Speaking, speak, splitPlatform } from './server-words.js'

export interface ScriptedGatewayOptions {
  readonly scheduler: SchedulerLike
  /** Time of the clock at the beginning. */
  readonly startMs: number
}

/** Something a client did on a connection. */
interface Heard extends LaneRecord {
  readonly connection: number
}

interface Login {
  readonly token: string
  readonly platform: string
  readonly symbol: string
}

const abnormal = 1006

/**
 * A server that plays lanes. It is reached by a Transport, so that the client under test is the
 * real one, frames go through the real codecs, and it differs from a real server only by answering
 * at once.
 */
export class ScriptedGateway {
  readonly transport: Transport
  readonly #lanes: GatewayLanes
  readonly #scheduler: SchedulerLike
  readonly #startMs: number
  readonly #heard: Heard[] = []
  readonly #said = new Map<ScriptLane, LaneRecord[]>()
  readonly #asked = new Map<ReplyLane, number>()
  readonly #orders = new Map<string, Order>()
  readonly #faults: ScenarioFault[] = []
  #connections = 0
  #tokens = 0
  #fills = 0
  #heardInTime: number | undefined

  constructor(lanes: GatewayLanes, { scheduler, startMs }: ScriptedGatewayOptions) {
    this.#lanes = lanes
    this.#scheduler = scheduler
    this.#startMs = startMs
    this.transport = new Observable<Connection>((subscriber) => {
      const connection = ++this.#connections
      const lane = this.#serverLane(connection)
      const opens = lane?.events.find(({ kind }) => kind === 'subscribe')?.atMs ?? 0
      const refused = lane?.events.find(({ kind, name }) => kind === 'error' && name === 'refused')
      const all = new Subscription()
      if (refused !== undefined && lane !== undefined) {
        all.add(
          this.#after(refused.atMs, () => {
            this.#say(lane, refused)
            subscriber.error(new ConnectionClosed('connecting', abnormal, ''))
          }),
        )
        return all
      }
      const dialledMs = scheduler.now()
      const open = () => {
        const accept = (server: Connection) => {
          this.#serve(server, connection, lane, dialledMs)
        }
        const pair = memoryTransport(accept, { scheduler })
        all.add(pair.subscribe(subscriber))
      }
      if (opens > 0) all.add(this.#after(opens, open))
      else open()
      return all
    })
  }

  /** From here on the kit itself ends things: what the client still says is not compared. */
  freeze(): void {
    this.#heardInTime = this.#heard.length
  }

  /** Frames sent and received, lane by lane, and the lanes that prove nothing. */
  outcome(): { readonly lanes: ReadonlyMap<ScriptLane, RunLane>; readonly faults: readonly ScenarioFault[] } {
    const lanes = new Map<ScriptLane, RunLane>()
    const faults = [...this.#faults]
    const talk = [...this.#lanes.servers, ...this.#lanes.replies]
    for (const { script } of talk) {
      const records = this.#said.get(script) ?? []
      const name = script.isReply ? `${script.name} →` : script.name
      lanes.set(script, { name, role: 'server', script, records, pairs: undefined, subscriptions: [] })
    }
    for (const { script, connection } of this.#lanes.servers) {
      const reached = connection === undefined ? this.#connections > 0 : this.#connections >= connection
      if (reached || script.qualifiers.neverSubscribed === true) continue
      const made = this.#connections === 1 ? 'one connection was made' : `${this.#connections} connections were made`
      faults.push({ kind: 'not-subscribed', lane: script, message: `"${script.name}" was never dialled: ${made}` })
    }
    for (const reply of this.#lanes.replies) {
      const { script, nth = 1 } = reply
      if ((this.#asked.get(reply) ?? 0) >= nth || script.qualifiers.neverSubscribed === true) continue
      faults.push({ kind: 'not-subscribed', lane: script, message: `"${script.name} →" was never asked for` })
    }
    const heard = this.#heard.slice(0, this.#heardInTime)
    for (const { script, connection, expected } of this.#lanes.clients) {
      const speaksOf = (kind: string, word?: string) =>
        script.events.some((event) => event.kind === kind && (word === undefined || event.name === word))
      const ends = speaksOf('complete') || speaksOf('error')
      const pings = speaksOf('next', 'ping')
      const received = heard.filter(
        (record) =>
          (connection === undefined || connection === record.connection) &&
          (record.kind === 'next' ? pings || !isPing(record.value) : ends),
      )
      const pairs = align(expected, received, script.qualifiers)
      const named = new Map(
        pairs.map((pair) => [pair.received, pair.verdict._tag === 'Same' ? pair.expected?.text : undefined]),
      )
      const records = received.map((record) => {
        const text = named.get(record)
        return text === undefined ? record : { ...record, text }
      })
      lanes.set(script, { name: script.name, role: 'client', script, records, pairs, subscriptions: [] })
      if (expected.length === 0 && script.qualifiers.silent !== true) {
        const message = `the lane "${script.name}" expects nothing: write [silent] after its name if that is meant`
        faults.push({ kind: 'no-event', lane: script, message })
      }
    }
    return { lanes, faults }
  }

  #after(ms: number, action: () => void): Subscription {
    // Not scheduleOnce: the name of the function is shown where a script does not end.
    return this.#scheduler.schedule(function scriptedGateway(this: SchedulerAction<unknown>) {
      // An action that has run stays open, and its connection would keep it.
      this.unsubscribe()
      action()
    }, ms)
  }

  #serverLane(connection: number): ScriptLane | undefined {
    const { servers } = this.#lanes
    return (
      servers.find((lane) => lane.connection === connection) ?? servers.find((lane) => lane.connection === undefined)
    )?.script
  }

  #say(lane: ScriptLane, { kind, text }: Pick<LaneEvent, 'kind' | 'text'>, value?: unknown): void {
    const record: LaneRecord = { atMs: this.#scheduler.now(), kind, value, text }
    this.#said.set(lane, [...(this.#said.get(lane) ?? []), record])
  }

  #serve(server: Connection, connection: number, lane: ScriptLane | undefined, dialledMs: number): void {
    const playing = new Subscription()
    const logins: Login[] = []
    const loginOf = new Map<ClientFrame, Login>()
    let deaf = false

    const speaking = (platform: string | undefined, request: ClientFrame | undefined): Speaking => {
      const login =
        (platform === undefined ? undefined : logins.findLast((each) => each.platform === platform)) ??
        (request === undefined ? undefined : loginOf.get(request)) ??
        logins.findLast(({ token }) => request !== undefined && 'token' in request && request.token === token) ??
        logins[logins.length - 1]
      return {
        // Notices may come before the login that they are for: its token is the next one.
        token: login?.token ?? `token-${this.#tokens + 1}`,
        request,
        nowMs: this.#startMs + this.#scheduler.now(),
        symbol: request !== undefined && 'symbol' in request ? request.symbol : (login?.symbol ?? 'BTC/USDT'),
        orders: this.#orders,
        nextFill: () => ++this.#fills,
      }
    }
    const perform = (script: ScriptLane, event: LaneEvent, request?: ClientFrame) => {
      if (event.kind === 'subscribe') return
      if (event.kind === 'complete') {
        this.#say(script, event)
        server.close(1000)
      } else if (event.kind === 'error') {
        this.#say(script, event)
        const [code = 1011, reason = ''] = event.args ?? []
        if (event.name === 'closed') server.close(Number(code), typeof reason === 'string' ? reason : show(reason))
        else server.abandon()
      } else if (event.name === 'deaf') {
        this.#say(script, event)
        deaf = true
      } else {
        const [platform] = splitPlatform(event.name ?? '')
        try {
          const frame = speak(event.name ?? '', event.args ?? [], speaking(platform, request))
          if (server.send(frame)) this.#say(script, event, frame)
        } catch (error) {
          const message = `${event.text}: ${error instanceof Error ? error.message : String(error)}`
          this.#faults.push({ kind: 'lane-misused', lane: script, message })
        }
      }
    }
    const play = (script: ScriptLane, fromMs: number, request?: ClientFrame) => {
      for (const event of script.events) {
        const delayMs = Math.max(0, fromMs + event.atMs - this.#scheduler.now())
        playing.add(this.#after(delayMs, () => perform(script, event, request)))
      }
    }
    const answer = (frame: ClientFrame) => {
      if (frame.op === 'login') {
        const [symbol = 'BTC/USDT'] = frame.symbols
        const begun = { token: `token-${++this.#tokens}`, platform: frame.platform, symbol }
        logins.push(begun)
        loginOf.set(frame, begun)
      }
      const login = loginOf.get(frame) ?? logins.findLast(({ token }) => 'token' in frame && frame.token === token)
      const fitting = this.#lanes.replies.filter(
        ({ expected, platform }) =>
          (platform === undefined || platform === login?.platform) && difference(expected, frame) === undefined,
      )
      for (const reply of fitting) this.#asked.set(reply, (this.#asked.get(reply) ?? 0) + 1)
      const chosen =
        fitting.find((reply) => reply.nth === this.#asked.get(reply)) ?? fitting.find(({ nth }) => nth === undefined)
      if (deaf) return
      if (chosen !== undefined) play(chosen.script, this.#scheduler.now(), frame)
      // A ping is answered unless a lane says otherwise, so that scenarios need not write it.
      else if (frame.op === 'ping' && !fitting.some(({ nth }) => nth !== undefined))
        server.send(JSON.stringify({ op: 'pong', ts: frame.ts }))
    }
    const hear = (kind: LaneRecord['kind'], value: unknown, text: string) =>
      this.#heard.push({ atMs: this.#scheduler.now(), kind, value, text, connection })

    // It ends with the connection: the close after unsubscribing is still recorded.
    playing.add(
      server.message$.subscribe({
        next: (message: Message) => {
          const decoded = decodeClientFrame(message)
          if (decoded._tag === 'Left') {
            hear('next', decoded.left, `malformed: ${decoded.left.message}`)
            return
          }
          hear('next', decoded.right, labelFrame(decoded.right))
          answer(decoded.right)
        },
        error: (error: unknown) => {
          playing.unsubscribe()
          const abandoned = error instanceof ConnectionClosed && error.code === abnormal
          if (abandoned) hear('error', error, '#abandoned')
          else hear('complete', undefined, '|')
        },
        complete: () => playing.unsubscribe(),
      }),
    )
    if (lane !== undefined) play(lane, dialledMs)
  }
}

const isPing = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && (value as { readonly op?: unknown }).op === 'ping'
