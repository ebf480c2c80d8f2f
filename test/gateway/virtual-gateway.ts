import { Subject, type Subscription } from 'rxjs'
import {
  type ChaosOptions,
  type ExchangeAdapter,
  type GatewayEvent,
  type Limits,
  serve,
} from '../../src/gateway/index.js'
import { VirtualScheduler, virtualClock, type VirtualClock } from '../../src/time/index.js'
import { type Connection, ConnectionClosed, memoryPair } from '../../src/transport/index.js'
import type { Frame } from './plain-client.js'

/** A client on the other end of an in-memory pair, in virtual time. */
export class VirtualClient {
  readonly frames: Frame[] = []
  closed: { code: number; reason: string } | undefined

  constructor(
    readonly connection: Connection,
    readonly scheduler: VirtualScheduler,
  ) {
    connection.message$.subscribe({
      next: (text) => this.frames.push(JSON.parse(String(text))),
      error: (error: unknown) => {
        if (error instanceof ConnectionClosed) this.closed = { code: error.code, reason: error.reason }
      },
    })
  }

  sendText(text: string): void {
    this.connection.send(text)
    this.scheduler.advanceBy(0)
  }

  send(frame: Frame): void {
    this.sendText(JSON.stringify(frame))
  }

  /** Sends, and gives what came back in the same instant. */
  ask(frame: Frame): Frame[] {
    const from = this.frames.length
    this.send(frame)
    return this.frames.slice(from)
  }

  /** What came after the frames that were there before `act`. */
  during(act: () => void): Frame[] {
    const from = this.frames.length
    act()
    this.scheduler.advanceBy(0)
    return this.frames.slice(from)
  }

  login(fields: Frame = {}): string {
    const [reply] = this.ask({
      op: 'login',
      cid: 'login',
      platform: 'fake',
      symbols: ['BTC/USDT'],
      access_key: 'an-access-key',
      secret_key: 'a-secret-key',
      features: ['cid'],
      ...fields,
    })
    if (reply?.result !== true) throw new Error(`login refused: ${reply?.error_message}`)
    return reply.token
  }
}

/** A gateway over in-memory pairs, in virtual time. */
export class VirtualGateway {
  readonly clock: VirtualClock
  readonly events: GatewayEvent[] = []
  readonly #connection$ = new Subject<Connection>()
  readonly #serving: Subscription

  constructor(
    platforms: ReadonlyMap<string, ExchangeAdapter>,
    limits: Partial<Limits> = {},
    readonly scheduler: VirtualScheduler = new VirtualScheduler(),
    chaos: ChaosOptions = { quirks: [] },
  ) {
    let tokens = 0
    const clock = (this.clock = virtualClock(scheduler))
    const newToken = () => `token-${++tokens}`
    this.#serving = serve(this.#connection$, { platforms, limits, scheduler, clock, newToken, chaos }).subscribe(
      (event) => this.events.push(event),
    )
  }

  connect(): VirtualClient {
    const [mine, theirs] = memoryPair({ scheduler: this.scheduler })
    const client = new VirtualClient(mine, this.scheduler)
    this.#connection$.next(theirs)
    this.scheduler.advanceBy(0)
    return client
  }

  /** Hands over the server's end of a connection that a test has made itself. */
  accept(connection: Connection): void {
    this.#connection$.next(connection)
  }

  advance(ms: number): void {
    this.scheduler.advanceBy(ms)
  }

  stop(): void {
    this.#serving.unsubscribe()
    this.scheduler.advanceBy(0)
  }
}
