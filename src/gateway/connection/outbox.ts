import { type SchedulerLike, Subscription } from 'rxjs'
import { encodeFrame, type ServerFrame } from '../../protocol/index.js'
import { scheduleDeadline, scheduleOnce } from '../../time/index.js'
import type { Connection } from '../../transport/index.js'
import type { Limits } from '../limits.js'
import type { Traffic } from './traffic.js'

/** The text of a reply from behind its cid on, by the data that it holds. */
const tails = new WeakMap<object, { readonly op: string; readonly tail: string }>()

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

/** True where the value is frozen at every level. Looks at plain data only, as replies hold it. */
const isFrozen = (value: unknown): boolean =>
  !isObject(value) || (Object.isFrozen(value) && Object.values(value).every(isFrozen))

/**
 * Encodes a frame as `encodeFrame` does, and the frozen data of a reply once only: an answer of a
 * thousand orders takes milliseconds to check and to encode, and while nothing changes an exchange
 * may answer with the same list again and again. Data that is not frozen, all through, is encoded
 * each time: an adapter may have changed it.
 *
 * @throws DecodeFailure when the frame is not of the protocol
 */
export const encodeOnce = (frame: ServerFrame): string => {
  if (!('data' in frame && 'cid' in frame && isObject(frame.data))) return encodeFrame(frame)
  const { op, cid, data } = frame
  const head = `{"op":${JSON.stringify(op)},"cid":${JSON.stringify(cid)}`
  const known = tails.get(data)
  if (known?.op === op) return head + known.tail
  const text = encodeFrame(frame)
  if (text.startsWith(head) && isFrozen(data)) tails.set(data, { op, tail: text.slice(head.length) })
  return text
}

/**
 * No event reports that a socket has room again: it is polled after this time, and after twice the
 * time whenever it has none.
 */
const firstPauseMs = 1
const longestPauseMs = 25

export interface OutboxContext {
  readonly limits: Limits
  readonly scheduler: SchedulerLike
  readonly traffic: Traffic
}

/**
 * The way out of one connection. While the reader is behind, what it must not miss waits in its
 * order, and what only the newest of matters is overtaken by its successor. They wait here and not
 * in the socket, where a frame of a hundred bytes takes five hundred. A reader that stays behind is
 * reported, so that its connection can be closed: its backlog is our memory.
 */
export class Outbox {
  readonly #connection: Connection
  readonly #limits: Limits
  readonly #scheduler: SchedulerLike
  readonly #traffic: Traffic
  readonly #slow: () => void
  /**
   * These are made when they are needed: most readers never fall behind, and empty ones take 400
   * bytes of each connection.
   */
  #held: string[] | undefined
  #newest: Map<string, string> | undefined
  #timers: Subscription | undefined
  #heldCharacters = 0
  #flushing = false
  #pauseMs = firstPauseMs
  #watching = false
  /** Since it is watched, it has once not been full. */
  #hasCaughtUp = false
  #closed = false

  constructor(connection: Connection, { limits, scheduler, traffic }: OutboxContext, slow: () => void) {
    this.#connection = connection
    this.#limits = limits
    this.#scheduler = scheduler
    this.#traffic = traffic
    this.#slow = slow
  }

  /** True if so much is pending that no work should add to it. */
  get isFull(): boolean {
    return this.#pending > this.#limits.pendingBytes
  }

  /** True while a frame waits because the socket has no room for it. */
  get isBehind(): boolean {
    return this.#held !== undefined || this.#isBehind()
  }

  /**
   * Writes a frame, after all that were sent before it, and returns its characters. Throws a
   * DecodeFailure when it is not of the protocol.
   */
  send(frame: ServerFrame): number {
    const text = encodeOnce(frame)
    if (this.#closed) return text.length
    if (!this.isFull) this.#hasCaughtUp = true
    this.#traffic.told(frame)
    if (this.#held === undefined && !this.#isBehind()) {
      this.#write(text)
    } else {
      this.#held ??= []
      this.#held.push(text)
      this.#heldCharacters += text.length
      this.#flushLater()
    }
    this.#look()
    return text.length
  }

  /** Writes a frame now, or later in the newest state of its `key`. Throws as `send` does. */
  sendNewest(key: string, frame: ServerFrame): void {
    const text = encodeFrame(frame)
    if (this.#closed) return
    if (this.#held === undefined && this.#newest === undefined && !this.#isBehind()) {
      this.#write(text)
    } else {
      this.#newest ??= new Map()
      this.#newest.set(key, text)
      this.#flushLater()
    }
  }

  /** Nothing is written any more. */
  close(): void {
    this.#closed = true
    this.#held = this.#newest = undefined
    this.#heldCharacters = 0
    this.#timers?.unsubscribe()
  }

  /**
   * Takes back the newest states that wait under keys that begin so: a login that has ended has no
   * more of them.
   */
  forget(prefix: string): void {
    for (const key of this.#newest?.keys() ?? []) if (key.startsWith(prefix)) this.#newest?.delete(key)
  }

  get #pending(): number {
    return this.#connection.bufferedAmount + this.#heldCharacters
  }

  #isBehind(): boolean {
    return this.#connection.bufferedAmount > this.#limits.conflateAboveBytes
  }

  #write(text: string): void {
    if (this.#connection.send(text)) this.#traffic.wrote(text.length)
  }

  #look(): void {
    if (this.#pending > this.#limits.burstBytes) this.#slow()
    else if (this.isFull && !this.#watching) this.#watch()
  }

  /**
   * Bytes written in this turn are pending whatever the reader does, so only those that stay
   * pending count against it; a reader that was not behind meanwhile, and is now because of later
   * writes, is watched from the start.
   */
  #watch(): void {
    this.#watching = true
    this.#hasCaughtUp = false
    this.#timers ??= new Subscription()
    // In a pause of this process nothing leaves the socket, however fast the reader is.
    const watching = scheduleDeadline(this.#scheduler, this.#limits.slowForMs, () => {
      this.#timers?.remove(watching)
      this.#watching = false
      if (!this.isFull) return
      if (this.#hasCaughtUp) this.#watch()
      else this.#slow()
    })
    this.#timers.add(watching)
  }

  #flushLater(): void {
    if (this.#flushing) return
    this.#flushing = true
    this.#later(() => {
      this.#flushing = false
      this.#pauseMs = this.#isBehind() ? Math.min(2 * this.#pauseMs, longestPauseMs) : firstPauseMs
      this.#flush()
    }, this.#pauseMs)
  }

  #flush(): void {
    const held = this.#held ?? []
    let written = 0
    while (written < held.length && !this.#isBehind()) {
      const text = held[written++] as string
      this.#heldCharacters -= text.length
      this.#write(text)
    }
    // All at once: taking them one by one from the front of a long array moves all the others each
    // time.
    this.#held = written === held.length ? undefined : held.slice(written)
    for (const [key, text] of this.#newest ?? []) {
      if (this.#isBehind()) break
      this.#newest?.delete(key)
      this.#write(text)
    }
    if (this.#newest?.size === 0) this.#newest = undefined
    if (this.#held !== undefined || this.#newest !== undefined) this.#flushLater()
  }

  #later(work: () => void, delayMs: number): void {
    this.#timers ??= new Subscription()
    scheduleOnce(this.#timers, this.#scheduler, work, delayMs)
  }
}
