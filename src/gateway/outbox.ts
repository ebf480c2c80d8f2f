import { type SchedulerLike, Subscription } from 'rxjs'
import { encodeFrame, type ServerFrame } from '../protocol/index.js'
import type { Connection } from '../transport/index.js'
import type { Limits } from './limits.js'
import type { Traffic } from './traffic.js'

const flushEveryMs = 25

export interface OutboxContext {
  readonly limits: Limits
  readonly scheduler: SchedulerLike
  readonly traffic: Traffic
}

/**
 * The way out of one connection. What a client must not miss is written at once; what only the newest of matters waits while the
 * reader is behind, and is overtaken by its successor. A reader that stays behind is reported, so that its connection
 * can be closed: its backlog is our memory.
 */
export class Outbox {
  readonly #connection: Connection
  readonly #limits: Limits
  readonly #scheduler: SchedulerLike
  readonly #traffic: Traffic
  readonly #slow: () => void
  /** Made when they are needed: most readers never fall behind, and empty ones take 400 bytes of each connection. */
  #waiting: Map<string, string> | undefined
  #timers: Subscription | undefined
  #flushing = false
  #watching = false
  #closed = false

  constructor(connection: Connection, { limits, scheduler, traffic }: OutboxContext, slow: () => void) {
    this.#connection = connection
    this.#limits = limits
    this.#scheduler = scheduler
    this.#traffic = traffic
    this.#slow = slow
  }

  /** Writes a frame. Throws a DecodeFailure when it is not of the protocol. */
  send(frame: ServerFrame): void {
    const text = encodeFrame(frame)
    this.#traffic.told(frame)
    this.#write(text)
  }

  /** Writes a frame now, or later in the newest state of its `key`. Throws as `send` does. */
  sendNewest(key: string, frame: ServerFrame): void {
    const text = encodeFrame(frame)
    if (this.#closed) return
    if ((this.#waiting === undefined || this.#waiting.size === 0) && !this.#isBehind()) {
      this.#write(text)
    } else {
      this.#waiting ??= new Map()
      this.#waiting.set(key, text)
      this.#flushLater()
    }
  }

  /** Nothing is written any more. */
  close(): void {
    this.#closed = true
    this.#waiting = undefined
    this.#timers?.unsubscribe()
  }

  /** Takes back what waits under keys that begin so: a login that has ended has no more notices. */
  forget(prefix: string): void {
    for (const key of this.#waiting?.keys() ?? []) if (key.startsWith(prefix)) this.#waiting?.delete(key)
  }

  #isBehind(): boolean {
    return this.#connection.bufferedAmount > this.#limits.conflateAboveBytes
  }

  #write(text: string): void {
    if (this.#closed || !this.#connection.send(text)) return
    this.#traffic.wrote(text.length)
    const pending = this.#connection.bufferedAmount
    if (pending > this.#limits.burstBytes) this.#slow()
    else if (pending > this.#limits.pendingBytes && !this.#watching) this.#watch()
  }

  /** What was written in this turn is pending whatever the reader does, so only what stays pending counts against it. */
  #watch(): void {
    this.#watching = true
    this.#later(() => {
      this.#watching = false
      if (this.#connection.bufferedAmount > this.#limits.pendingBytes) this.#slow()
    }, this.#limits.slowForMs)
  }

  #flushLater(): void {
    if (this.#flushing) return
    this.#flushing = true
    this.#later(() => {
      this.#flushing = false
      const waiting = this.#waiting ?? new Map<string, string>()
      for (const [key, text] of waiting) {
        if (this.#isBehind()) break
        waiting.delete(key)
        this.#write(text)
      }
      if (waiting.size > 0) this.#flushLater()
    }, flushEveryMs)
  }

  #later(work: () => void, delayMs: number): void {
    this.#timers ??= new Subscription()
    this.#timers.add(this.#scheduler.schedule(work, delayMs))
  }
}
