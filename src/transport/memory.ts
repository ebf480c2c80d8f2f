import { asapScheduler, Observable, type SchedulerLike } from 'rxjs'
import { checkBound } from '../time/index.js'
import { ABNORMAL, sendableCode, sendableReason } from './close-words.js'
import { Inbox } from './inbox.js'
import { type Connection, ConnectionClosed, type Message, type Transport } from './transport.js'

export interface MemoryOptions {
  /**
   * Schedules the deliveries. Give the virtual scheduler in tests and backtests.
   * @default asapScheduler
   */
  readonly scheduler?: SchedulerLike
  /**
   * Delay of each message, of the opening and of the closing, in ms. 0 delivers as soon as the
   * scheduler can, but never inside `send`.
   * @default 0
   */
  readonly delayMs?: number
}

interface Goodbye {
  readonly code: number
  readonly reason: string
}

/** Item in transit. A text has no wrapper, because most items are texts. */
type Parcel = string | Goodbye

/**
 * One direction: an ordered queue, and at most one scheduled action however many messages wait in
 * it.
 */
class Lane {
  readonly #scheduler: SchedulerLike
  readonly #delayMs: number
  readonly #deliver: (parcel: Parcel) => void
  readonly #parcels: Parcel[] = []
  /** Arrival time of each parcel; kept only if there is a delay. */
  readonly #dues: number[] = []
  #head = 0
  #scheduled = false
  /**
   * Characters in transit. The protocol is ASCII except for a few names, so they approximate bytes.
   */
  underWay = 0

  constructor({ scheduler = asapScheduler, delayMs = 0 }: MemoryOptions, deliver: (parcel: Parcel) => void) {
    this.#scheduler = scheduler
    checkBound('delayMs', delayMs)
    this.#delayMs = delayMs
    this.#deliver = deliver
  }

  put(parcel: Parcel): void {
    this.#parcels.push(parcel)
    if (typeof parcel === 'string') this.underWay += parcel.length
    if (this.#delayMs > 0) this.#dues.push(this.#scheduler.now() + this.#delayMs)
    if (!this.#scheduled) this.#schedule(this.#delayMs)
  }

  #schedule(delayMs: number): void {
    this.#scheduled = true
    // Needs no cancelling: the lane is kept alive by what is on its way, and by nothing else.
    this.#scheduler.schedule(() => this.#run(), delayMs)
  }

  #run(): void {
    // What is put meanwhile waits for a turn of its own: two ends that answer each other must not
    // starve the rest.
    const until = this.#parcels.length
    const now = this.#scheduler.now()
    while (this.#head < until && !(this.#delayMs > 0 && (this.#dues[this.#head] ?? now) > now)) {
      const parcel = this.#parcels[this.#head++] as Parcel
      if (typeof parcel === 'string') this.underWay -= parcel.length
      this.#deliver(parcel)
    }
    this.#compact()
    if (this.#parcels.length === this.#head) this.#scheduled = false
    else this.#schedule(Math.max(0, (this.#dues[this.#head] ?? now) - now))
  }

  /**
   * Not before half of it has gone: taking one from the front of a long array moves all the others.
   */
  #compact(): void {
    if (this.#head * 2 < this.#parcels.length) return
    this.#parcels.splice(0, this.#head)
    this.#dues.splice(0, this.#head)
    this.#head = 0
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
    this.#out.put(text)
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
    // What was sent before is in the network already, as on a socket: an order sent and then
    // abandoned may arrive.
    if (this.#state === 'open') this.#out.put({ code: ABNORMAL, reason: '' })
    this.#state = 'ended'
    this.#inbox.complete()
    this.#ended()
  }

  readonly deliver = (parcel: Parcel): void => {
    if (typeof parcel === 'string') {
      if (this.#state === 'open') this.#inbox.next(parcel)
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
 * Two ends of one connection that needs no network. Messages arrive in order, and never inside
 * `send`; closing, abandoning and what the other end sees of it are as on a socket.
 * `bufferedAmount` tells what has not arrived yet.
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
 * A Transport to a server in the same process. Each subscription opens a connection of its own and
 * hands the server's end to `accept`, just before the client gets its own. If `accept` throws,
 * dialling fails with that as the cause.
 *
 * @example
 * ```ts
 * const transport = memoryTransport((server) => {
 *   server.message$.subscribe({ next: (message) => server.send(String(message)), error: () => {} });
 * }, { scheduler, delayMs: 5 });
 * ```
 */
export const memoryTransport = (accept: (connection: Connection) => void, options: MemoryOptions = {}): Transport => {
  const { scheduler = asapScheduler, delayMs = 0 } = options
  checkBound('delayMs', delayMs)
  return new Observable<Connection>((subscriber) => {
    let client: Connection | undefined
    const opening = scheduler.schedule(() => {
      const [mine, theirs] = makePair(options, (error) => {
        if (error === undefined) subscriber.complete()
        else subscriber.error(error)
      })
      try {
        accept(theirs)
      } catch (cause) {
        subscriber.error(new ConnectionClosed('connecting', ABNORMAL, '', { cause }))
        mine.abandon()
        return
      }
      client = mine
      subscriber.next(mine)
    }, delayMs)
    return () => {
      opening.unsubscribe()
      client?.close()
    }
  })
}
