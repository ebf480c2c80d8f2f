import { type Observable, Subject, type Subscription } from 'rxjs'
import { type Account, connect, type Gateway, type OrderJournal, type LoginOptions } from '../../src/client/index.js'
import {
  type ChaosOptions,
  type GatewayEvent,
  type PaperOptions,
  type PaperPlatform,
  paperPlatforms,
  serve,
} from '../../src/gateway/index.js'
import { seededEntropy, VirtualScheduler, virtualClock } from '../../src/time/index.js'
import { type Connection, memoryTransport } from '../../src/transport/index.js'
import type { Frame } from './plain-client.js'

/** The server's end of a connection, on which a test can listen and cut. */
class Tapped implements Connection {
  readonly message$: Connection['message$']

  constructor(
    private readonly inner: Connection,
    private readonly cut: (frame: Frame) => boolean,
  ) {
    this.message$ = inner.message$
  }

  get bufferedAmount(): number {
    return this.inner.bufferedAmount
  }

  send(text: string): boolean {
    if (!this.cut(this.#read(text))) return this.inner.send(text)
    this.inner.abandon()
    return false
  }

  /** Chaos sends what is no frame. */
  #read(text: string): Frame {
    try {
      return JSON.parse(text) ?? {}
    } catch {
      return {}
    }
  }

  close(code?: number, reason?: string): void {
    this.inner.close(code, reason)
  }

  abandon(): void {
    this.inner.abandon()
  }
}

type WorldOptions = PaperOptions & {
  readonly chaos?: ChaosOptions
  /** Features that the exchanges name. @default their own */
  readonly features?: PaperPlatform['features']
}

/** A paper gateway and clients of ours in one process and in virtual time, over a network that can be cut at any frame of the server's. */
export class PaperWorld {
  readonly scheduler = new VirtualScheduler()
  readonly clock = virtualClock(this.scheduler)
  /** The frame instead of which the connection is cut: one, and then no more. */
  cutAt: (frame: Frame) => boolean = () => false
  /** Whether connections are accepted. */
  reachable = true
  platforms: ReadonlyMap<string, PaperPlatform>
  #connection$ = new Subject<Connection>()
  #served: Connection[] = []
  #serving: Subscription
  readonly #options: WorldOptions
  readonly events: GatewayEvent[] = []
  #clients = 0

  constructor(options: WorldOptions = {}) {
    this.#options = options
    ;[this.platforms, this.#serving] = this.#start()
  }

  get exchange(): PaperPlatform['exchange'] {
    return this.platforms.get('huobi')!.exchange
  }

  #start(): [ReadonlyMap<string, PaperPlatform>, Subscription] {
    const { scheduler, clock } = this
    const platforms = paperPlatforms({ market: 'none', seed: 7, ...this.#options, scheduler, clock })
    this.#connection$ = new Subject()
    const { chaos, features } = this.#options
    const named = (platform: PaperPlatform): PaperPlatform =>
      features === undefined ? platform : (Object.create(platform, { features: { value: features } }) as PaperPlatform)
    const served = new Map(Array.from(platforms, ([name, platform]) => [name, named(platform)]))
    const options = { platforms: served, scheduler, clock, ...(chaos === undefined ? {} : { chaos }) }
    return [platforms, serve(this.#connection$, options).subscribe((event) => this.events.push(event))]
  }

  /** The gateway dies, and another stands in its place. */
  restart(): void {
    this.cut()
    this.#serving.unsubscribe()
    for (const platform of this.platforms.values()) platform.close()
    ;[this.platforms, this.#serving] = this.#start()
  }

  /** Breaks every connection. */
  cut(): void {
    for (const connection of this.#served.splice(0)) connection.abandon()
  }

  /** A client that is not logged in yet. */
  client(): Gateway {
    const { scheduler, clock } = this
    const transport = memoryTransport((connection) => this.#accept(connection), { scheduler, delayMs: 1 })
    return connect(transport, { scheduler, clock, entropy: seededEntropy(++this.#clients) })
  }

  login(
    access_key: string,
    options: LoginOptions & { journal?: OrderJournal } = {},
    gateway: Gateway = this.client(),
    platform = 'huobi',
  ): Account {
    const credentials = { platform, symbols: ['BTC/USDT', 'ETH/USDT'], access_key, secret_key: 'a-secret-key' }
    return this.soon(gateway.login(credentials, options))
  }

  /** The first value of a stream that stays subscribed to. */
  soon<A>(source$: Observable<A>, withinMs = 1_000): A {
    const values: A[] = []
    source$.subscribe((value) => values.push(value))
    this.scheduler.advanceBy(withinMs)
    if (values[0] === undefined) throw new Error(`nothing came within ${withinMs} ms`)
    return values[0]
  }

  #accept(connection: Connection): void {
    if (!this.reachable) {
      connection.abandon()
      return
    }
    const tapped = new Tapped(connection, (frame) => {
      const cuts = this.cutAt(frame)
      if (cuts) this.cutAt = () => false
      return cuts
    })
    this.#served.push(tapped)
    this.#connection$.next(tapped)
  }
}
