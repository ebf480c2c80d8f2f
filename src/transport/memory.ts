import { asapScheduler, Observable, type SchedulerLike } from 'rxjs'
import { checkBound } from '../time/index.js'
import { ABNORMAL, sendableCode, sendableReason } from './close-words.js'
import { DelayLane } from './delay-lane.js'
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

/** One end of the pair. */
class MemoryConnection implements Connection {
  readonly #inbox = new Inbox()
  readonly #out: DelayLane<Parcel>
  readonly #ended: (error?: ConnectionClosed) => void
  #state: 'open' | 'closing' | 'ended' = 'open'

  constructor(out: DelayLane<Parcel>, ended: (error?: ConnectionClosed) => void) {
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
  const there = new DelayLane<Parcel>(options, (parcel) => second.deliver(parcel))
  const back = new DelayLane<Parcel>(options, (parcel) => first.deliver(parcel))
  const first: MemoryConnection = new MemoryConnection(there, endedFirst)
  const second: MemoryConnection = new MemoryConnection(back, ignore)
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
