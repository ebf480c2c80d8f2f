import { Observable, Subject, type Subscription } from 'rxjs'
import type { VirtualScheduler } from '../../src/time/index.js'
import { type Connection, ConnectionClosed, type Message, type Transport } from '../../src/transport/index.js'
import type { Dice } from './dice.js'
import { type Machine, onGrid } from './machine.js'

export type Direction = 'up' | 'down'

interface Goodbye {
  readonly code: number
  readonly reason: string
}
interface Parcel {
  readonly what: Message | Goodbye
  readonly bytes: number
  readonly due: number
}

const isMessage = (what: Parcel['what']): what is Message => typeof what === 'string' || what instanceof Uint8Array

/** Who looks on, and may interfere. */
export interface NetworkHooks {
  /** A frame of the client's, about to leave. */
  onUp(link: Link, text: string): void
  /** It has left. */
  afterUp(link: Link, text: string): void
  /** A frame of the gateway's: calls `emit` with what really goes out, now or after so many ms. */
  onDown(link: Link, text: string, emit: (message: Message, afterMs: number) => void): void
  /** A frame reaches the client's process. */
  beforeClientHears(link: Link, message: Message): void
  afterClientHears(): void
  /** A frame reaches the gateway's process. */
  beforeGatewayHears(link: Link, message: Message): void
  afterGatewayHears(link: Link, message: Message): void
}

/** One direction of a connection: in order, late, and as unreliable as it is told to be. */
class Pipe {
  readonly #parcels: Parcel[] = []
  readonly #network: Network
  readonly #receiver: () => Machine
  readonly #deliver: (what: Parcel['what']) => void
  #lastDue = 0
  #pump: Subscription | undefined
  #stalledUntil = 0
  /** Nothing comes out any more, and nobody is told. */
  lostAt: number | undefined
  #waitingBytes = 0

  constructor(network: Network, receiver: () => Machine, deliver: (what: Parcel['what']) => void) {
    this.#network = network
    this.#receiver = receiver
    this.#deliver = deliver
  }

  /** What does not flow fills the sender's buffer. */
  get bufferedBytes(): number {
    return this.lostAt !== undefined || this.#stalledUntil > this.#network.now ? this.#waitingBytes : 0
  }

  get waiting(): number {
    return this.#parcels.length
  }

  put(what: Parcel['what']): void {
    const bytes = isMessage(what) ? what.length : 0
    this.#waitingBytes += bytes
    if (this.lostAt !== undefined) return
    this.#lastDue = Math.max(this.#lastDue, this.#network.now + this.#network.latencyMs())
    this.#parcels.push({ what, bytes, due: this.#lastDue })
    this.#arm()
  }

  lose(): void {
    this.lostAt ??= this.#network.now
    this.#parcels.length = 0
    this.#pump?.unsubscribe()
    this.#pump = undefined
  }

  stall(forMs: number): void {
    this.#stalledUntil = Math.max(this.#stalledUntil, this.#network.now + onGrid(forMs))
    this.#arm()
  }

  flow(): void {
    this.#stalledUntil = 0
    this.#arm()
  }

  /** Only whole frames within the first so many bytes still arrive. */
  truncate(keepBytes: number): void {
    let left = keepBytes
    const keep = this.#parcels.findIndex(({ bytes }) => (left -= bytes) < 0)
    if (keep >= 0) this.#parcels.splice(keep)
  }

  #arm(): void {
    this.#pump?.unsubscribe()
    this.#pump = undefined
    const [first] = this.#parcels
    if (first === undefined || this.lostAt !== undefined) return
    const now = this.#network.now
    const at = Math.max(first.due, this.#stalledUntil, now + this.#receiver().asleepForMs)
    this.#pump = this.#network.scheduler.schedule(() => this.#run(), Math.max(0, at - now))
  }

  #run(): void {
    this.#pump = undefined
    // All that has arrived is read in one turn, as from a socket.
    for (;;) {
      const [first] = this.#parcels
      const now = this.#network.now
      if (first === undefined || this.lostAt !== undefined || first.due > now) break
      if (this.#stalledUntil > now || this.#receiver().asleepForMs > 0) break
      this.#parcels.shift()
      this.#waitingBytes -= first.bytes
      this.#deliver(first.what)
    }
    this.#arm()
  }
}

/** One end of a link, with the face of a Connection and the manners of a socket. */
class End implements Connection {
  readonly #received = new Subject<Message>()
  #held: Message[] | undefined = []
  state: 'open' | 'closing' | 'ended' = 'open'

  constructor(
    readonly machine: Machine,
    readonly write: (text: string) => void,
    readonly out: () => Pipe,
    readonly ended: (error?: ConnectionClosed) => void,
  ) {}

  readonly message$ = new Observable<Message>((subscriber) => {
    const held = this.#held
    if (held !== undefined) {
      for (let i = 0; i < held.length && !subscriber.closed; i++) subscriber.next(held[i] as Message)
      this.#held = undefined
    }
    return this.#received.subscribe(subscriber)
  })

  get observed(): boolean {
    return this.#received.observed
  }

  get bufferedAmount(): number {
    return this.out().bufferedBytes
  }

  send(text: string): boolean {
    // A dead process may still have a stack to unwind: what it writes goes nowhere.
    if (this.machine.dead) return true
    if (this.state !== 'open') return false
    this.write(text)
    return true
  }

  close(code = 1000, reason = ''): void {
    if (this.machine.dead || this.state !== 'open') return
    this.state = 'closing'
    this.out().put({ code, reason })
    this.#received.complete()
  }

  abandon(): void {
    if (this.machine.dead || this.state === 'ended') return
    if (this.state === 'open') this.out().put({ code: 1006, reason: '' })
    this.state = 'ended'
    this.#received.complete()
    this.ended()
  }

  /** The operating system closes it: the process is gone. */
  orphan(): void {
    if (this.state === 'open') this.out().put({ code: 1006, reason: '' })
    this.state = 'ended'
  }

  hear(what: Message | Goodbye): void {
    if (this.machine.dead) return
    if (isMessage(what)) {
      if (this.state !== 'open') return
      if (this.#held === undefined) this.#received.next(what)
      else this.#held.push(what)
      return
    }
    if (this.state === 'ended') return
    const wasOpen = this.state === 'open'
    this.state = 'ended'
    if (!wasOpen) {
      this.ended()
      return
    }
    this.out().put(what)
    const error = new ConnectionClosed('open', what.code, what.reason)
    this.#received.error(error)
    this.ended(error)
  }
}

/** A connection, seen from above. */
export class Link {
  readonly client: End
  readonly server: End
  readonly #network: Network
  readonly #up: Pipe
  readonly #down: Pipe

  constructor(
    readonly nth: number,
    network: Network,
    clientMachine: Machine,
    serverMachine: Machine,
    ended: (error?: ConnectionClosed) => void,
  ) {
    const { hooks } = network
    this.#network = network
    this.client = new End(
      clientMachine,
      (text) => {
        network.note(`c${this.nth} ▶`, text)
        hooks.onUp(this, text)
        this.#up.put(text)
        hooks.afterUp(this, text)
      },
      () => this.#up,
      ended,
    )
    this.server = new End(
      serverMachine,
      (text) =>
        hooks.onDown(this, text, (message, afterMs) => {
          if (afterMs <= 0) this.#down.put(message)
          else {
            network.busyUntil = Math.max(network.busyUntil, network.now + afterMs)
            network.scheduler.schedule(() => {
              if (this.server.state === 'open') this.#down.put(message)
            }, afterMs)
          }
        }),
      () => this.#down,
      () => undefined,
    )
    this.#up = new Pipe(
      network,
      () => serverMachine,
      (what) => {
        if (isMessage(what) && this.server.state === 'open' && !serverMachine.dead) {
          network.note(`  ▶ g${this.nth}`, typeof what === 'string' ? what : 'bytes')
          hooks.beforeGatewayHears(this, what)
          this.server.hear(what)
          hooks.afterGatewayHears(this, what)
        } else this.server.hear(what)
      },
    )
    this.#down = new Pipe(
      network,
      () => clientMachine,
      (what) => {
        if (isMessage(what) && this.client.state === 'open' && !clientMachine.dead) {
          network.note(`c${this.nth} ◀`, typeof what === 'string' ? what : 'bytes')
          hooks.beforeClientHears(this, what)
        } else if (!isMessage(what)) network.note(`c${this.nth} ◀`, `closed ${what.code}`)
        this.client.hear(what)
        hooks.afterClientHears()
      },
    )
  }

  get open(): boolean {
    return this.client.state === 'open' && !this.client.machine.dead
  }

  pipe(direction: Direction): Pipe {
    return direction === 'up' ? this.#up : this.#down
  }

  get lostAt(): number | undefined {
    const both = [this.#up.lostAt, this.#down.lostAt].filter((at) => at !== undefined)
    return both.length === 0 ? undefined : Math.min(...both)
  }

  /** The network ends it. Whole frames within the first bytes under way each way still arrive. */
  cut(keepUpBytes: number, keepDownBytes: number): void {
    this.#up.truncate(keepUpBytes)
    this.#down.truncate(keepDownBytes)
    this.#up.put({ code: 1006, reason: '' })
    this.#down.put({ code: 1006, reason: '' })
  }

  /** One side goes, and the other is never told. */
  vanish(side: 'client' | 'server'): void {
    this.#up.lose()
    this.#down.lose()
    const end = this[side]
    // Never inside a send: no socket does that.
    this.#network.scheduler.schedule(() => {
      if (end.state === 'open') end.hear({ code: 1006, reason: '' })
    }, end.machine.asleepForMs)
  }
}

/** What becomes of dialling. */
export type DialFate = 'accepted' | 'refused' | 'swallowed' | 'accepted-and-closed'

export interface NetworkOptions {
  readonly scheduler: VirtualScheduler
  readonly dice: Dice
  readonly hooks: NetworkHooks
  readonly note: (where: string, what: string) => void
  /** The gateway that listens, if one does. */
  readonly listener: () => { readonly machine: Machine; accept(connection: Connection): void } | undefined
  readonly dialFate: () => DialFate
  readonly connectTimeoutMs: number
}

/** The network between clients and the gateway. */
export class Network {
  readonly links: Link[] = []
  readonly scheduler: VirtualScheduler
  readonly hooks: NetworkHooks
  readonly note: (where: string, what: string) => void
  readonly #options: NetworkOptions
  baseMs = 1
  jitterMs = 0
  /** Until when frames are held back on purpose. */
  busyUntil = 0

  constructor(options: NetworkOptions) {
    this.#options = options
    this.scheduler = options.scheduler
    this.hooks = options.hooks
    this.note = options.note
  }

  get now(): number {
    return this.scheduler.now()
  }

  latencyMs(): number {
    return onGrid(this.baseMs + this.jitterMs * this.#options.dice.next())
  }

  /** The links that a living client may still use. */
  get open(): readonly Link[] {
    return this.links.filter((link) => link.open)
  }

  transportOf(machine: Machine): Transport {
    const { listener, dialFate, connectTimeoutMs } = this.#options
    return new Observable<Connection>((subscriber) => {
      let link: Link | undefined
      const fail = (): void => subscriber.error(new ConnectionClosed('connecting', 1006, ''))
      const timeout = machine.scheduler.schedule(fail, connectTimeoutMs)
      const fate = dialFate()
      this.note('dial', fate)
      const opened = (accepted: Link): void => {
        timeout.unsubscribe()
        if (subscriber.closed) {
          accepted.client.abandon()
          return
        }
        link = accepted
        subscriber.next(accepted.client)
      }
      const arrive = (): void => {
        const there = listener()
        if (fate === 'swallowed') return
        if (there === undefined || fate === 'refused') {
          machine.scheduler.schedule(() => {
            timeout.unsubscribe()
            fail()
          }, this.latencyMs())
          return
        }
        // A stopped process accepts when it is awake again.
        there.machine.scheduler.schedule(() => {
          if (machine.dead || subscriber.closed) return
          const accepted = new Link(this.links.length + 1, this, machine, there.machine, (error) => {
            if (error === undefined) subscriber.complete()
            else subscriber.error(error)
          })
          this.links.push(accepted)
          this.note('dial', `open c${accepted.nth}`)
          there.accept(accepted.server)
          machine.scheduler.schedule(() => opened(accepted), this.latencyMs())
          if (fate === 'accepted-and-closed') accepted.server.close(1013, 'too many connections; try again later')
        })
      }
      const dialling = this.scheduler.schedule(arrive, this.latencyMs())
      return () => {
        timeout.unsubscribe()
        dialling.unsubscribe()
        link?.client.close()
      }
    })
  }
}
