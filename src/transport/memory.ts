import { asapScheduler, Observable, type SchedulerLike, type Subscription } from 'rxjs'
import { ABNORMAL, sendableCode, sendableReason } from './close-words.js'
import { Inbox } from './inbox.js'
import { type Connection, ConnectionClosed, type Message, type Transport } from './transport.js'

export interface MemoryOptions {
  /**
   * Where deliveries are scheduled. Give the virtual scheduler in tests and backtests.
   * @default asapScheduler
   */
  readonly scheduler?: SchedulerLike
  /**
   * How long each message, the opening and the closing take on their way, in ms. 0 delivers as soon as the scheduler can, but never inside `send`.
   * @default 0
   */
  readonly delayMs?: number
}

type Parcel = { readonly text: string } | { readonly code: number; readonly reason: string }

/** One direction: an ordered queue, and at most one scheduled action however many messages wait. */
class Lane {
  readonly #scheduler: SchedulerLike
  readonly #delayMs: number
  readonly #deliver: (parcel: Parcel) => void
  #parcels: Parcel[] = []
  #dues: number[] = []
  #head = 0
  #action: Subscription | undefined
  /** Characters on their way. The messages of the protocol are ASCII but for names, so these are bytes, near enough. */
  underWay = 0

  constructor({ scheduler = asapScheduler, delayMs = 0 }: MemoryOptions, deliver: (parcel: Parcel) => void) {
    this.#scheduler = scheduler
    this.#delayMs = delayMs
    this.#deliver = deliver
  }

  put(parcel: Parcel): void {
    this.#parcels.push(parcel)
    if ('text' in parcel) this.underWay += parcel.text.length
    if (this.#delayMs > 0) this.#dues.push(this.#scheduler.now() + this.#delayMs)
    if (this.#action === undefined) this.#schedule(this.#delayMs)
  }

  /** What is still on its way never arrives. */
  clear(): void {
    this.#action?.unsubscribe()
    this.#action = undefined
    this.#parcels = []
    this.#dues = []
    this.#head = 0
    this.underWay = 0
  }

  #schedule(delayMs: number): void {
    this.#action = this.#scheduler.schedule(() => this.#run(), delayMs)
  }

  #run(): void {
    // What is put while this runs waits for its own turn, so that two ends that answer each other do not starve the rest.
    const parcels = this.#parcels
    const until = parcels.length
    const now = this.#delayMs > 0 ? this.#scheduler.now() : 0
    while (this.#head < until && parcels === this.#parcels) {
      if (this.#delayMs > 0 && (this.#dues[this.#head] ?? 0) > now) break
      const parcel = parcels[this.#head++] as Parcel
      if ('text' in parcel) this.underWay -= parcel.text.length
      this.#deliver(parcel)
    }
    if (parcels !== this.#parcels) return
    this.#action = undefined
    if (this.#head === this.#parcels.length) {
      this.#parcels = []
      this.#dues = []
      this.#head = 0
      return
    }
    this.#parcels = this.#parcels.slice(this.#head)
    this.#dues = this.#dues.slice(this.#head)
    this.#head = 0
    this.#schedule(this.#delayMs > 0 ? Math.max(0, (this.#dues[0] ?? now) - now) : 0)
  }
}

/** One end of the pair. */
class MemoryConnection implements Connection {
  readonly #inbox = new Inbox()
  readonly #out: Lane
  readonly #ended: (error?: ConnectionClosed) => void
  #state: 'open' | 'closing' | 'ended' = 'open'

  constructor(out: Lane, ended: (error?: ConnectionClosed) => void) {
    this.#out = out
    this.#ended = ended
  }

  get message$(): Observable<Message> {
    return this.#inbox.message$
  }

  get bufferedAmount(): number {
    return this.#out.underWay
  }

  send(text: string): boolean {
    if (this.#state !== 'open') return false
    this.#out.put({ text })
    return true
  }

  close(code = 1000, reason = ''): void {
    if (this.#state !== 'open') return
    this.#state = 'closing'
    this.#out.put({ code: sendableCode(code), reason: sendableReason(reason) })
    this.#inbox.complete()
  }

  abandon(): void {
    if (this.#state === 'ended') return
    // What was sent before is in the network already, as on a socket: an order sent and then abandoned may arrive.
    if (this.#state === 'open') this.#out.put({ code: ABNORMAL, reason: '' })
    this.#state = 'ended'
    this.#inbox.complete()
    this.#ended()
  }

  readonly deliver = (parcel: Parcel): void => {
    if ('text' in parcel) {
      if (this.#state === 'open') this.#inbox.next(parcel.text)
      return
    }
    if (this.#state === 'ended') return
    if (this.#state === 'closing') {
      this.#state = 'ended'
      this.#ended()
      return
    }
    this.#state = 'ended'
    // The other half of the closing handshake.
    this.#out.put(parcel)
    const error = new ConnectionClosed('open', parcel.code, parcel.reason)
    this.#inbox.error(error)
    this.#ended(error)
  }
}

const ignore = (): void => undefined

const makePair = (
  options: MemoryOptions,
  endedFirst: (error?: ConnectionClosed) => void,
): readonly [Connection, Connection] => {
  const there: Lane = new Lane(options, (parcel) => second.deliver(parcel))
  const back: Lane = new Lane(options, (parcel) => first.deliver(parcel))
  const first = new MemoryConnection(there, endedFirst)
  const second = new MemoryConnection(back, ignore)
  return [first, second]
}

/**
 * Two ends of one connection that needs no network. Messages arrive in order, and never inside `send`; closing,
 * abandoning and what the other end sees of it are as on a socket. `bufferedAmount` tells what has not arrived yet.
 *
 * @example
 * ```ts
 * const [client, server] = memoryPair();
 * server.message$.subscribe((message) => server.send(`you said ${message}`));
 * client.send('hello');
 * ```
 */
export const memoryPair = (options: MemoryOptions = {}): readonly [Connection, Connection] => makePair(options, ignore)

/**
 * A Transport to a server in the same process. Each subscription opens a connection of its own and hands the server's
 * end to `accept`, just before the client gets its own. If `accept` throws, dialling fails with that as the cause.
 *
 * @example
 * ```ts
 * const transport = memoryTransport((server) => {
 *   server.message$.subscribe({ next: (message) => server.send(String(message)), error: () => {} });
 * }, { scheduler, delayMs: 5 });
 * ```
 */
export const memoryTransport = (accept: (connection: Connection) => void, options: MemoryOptions = {}): Transport =>
  new Observable<Connection>((subscriber) => {
    const { scheduler = asapScheduler, delayMs = 0 } = options
    let client: Connection | undefined
    const opening = scheduler.schedule(() => {
      const [mine, theirs] = makePair(options, (error) => {
        if (error === undefined) subscriber.complete()
        else subscriber.error(error)
      })
      client = mine
      try {
        accept(theirs)
      } catch (cause) {
        subscriber.error(new ConnectionClosed('connecting', ABNORMAL, '', { cause }))
        return
      }
      subscriber.next(mine)
    }, delayMs)
    return () => {
      opening.unsubscribe()
      client?.close()
    }
  })
