import { Observable, type SchedulerLike, type Subscriber, Subscription } from 'rxjs'
import { scheduleOnce } from '../../time/index.js'
import type { Connection, Message } from '../../transport/index.js'
import { refusal } from '../adapter/refusal.js'
import type { Passing } from './frame-quirk.js'
import { withNegativeZeros } from './value-quirks.js'
import { readFrame, type WireFrame } from './wire-frame.js'

type RequestOp = Parameters<typeof refusal>[0]

/** Changes the frames of one connection. */
export interface Mischief {
  /** Returns the frames to send instead of a frame of the gateway. */
  out(frame: WireFrame, connection: ChaoticConnection): readonly Passing[]
  /** Returns the frame that arrives instead of a frame of the client; undefined to lose it. */
  in(frame: WireFrame, connection: ChaoticConnection): WireFrame | undefined
  ended(connection: ChaoticConnection): void
}

/** A server's end of a connection on which things go wrong. */
export class ChaoticConnection implements Connection {
  readonly #inner: Connection
  readonly #mischief: Mischief
  readonly #scheduler: SchedulerLike
  readonly #timers = new Subscription()
  #overtaken: (() => void)[] = []
  #mutedIn = false
  #mutedOut = false

  constructor(
    readonly id: number,
    inner: Connection,
    mischief: Mischief,
    scheduler: SchedulerLike,
  ) {
    this.#inner = inner
    this.#mischief = mischief
    this.#scheduler = scheduler
  }

  readonly message$ = new Observable<Message>((subscriber) =>
    this.#inner.message$.subscribe({
      next: (message) => this.#receive(message, subscriber),
      error: (error: unknown) => {
        this.#end()
        subscriber.error(error)
      },
      complete: () => {
        this.#end()
        subscriber.complete()
      },
    }),
  )

  get bufferedAmount(): number {
    return this.#inner.bufferedAmount
  }

  send(text: string): boolean {
    const frame = readFrame(text)
    if (frame === undefined) return this.#write(text)
    for (const passing of this.#mischief.out(frame, this)) this.#emit(passing)
    return true
  }

  close(code?: number, reason?: string): void {
    // Nothing comes through a dead line, a goodbye neither.
    if (this.#mutedOut) this.#inner.abandon()
    else this.#inner.close(code, reason)
    this.#end()
  }

  abandon(): void {
    this.#inner.abandon()
    this.#end()
  }

  mute(direction: 'in' | 'out' | 'both', forMs: number): void {
    const set = (muted: boolean): void => {
      if (direction !== 'out') this.#mutedIn = muted
      if (direction !== 'in') this.#mutedOut = muted
    }
    set(true)
    if (forMs < Infinity) this.#later(() => set(false), forMs)
  }

  /** Answers a request in the gateway's stead. */
  refuse(frame: WireFrame, why: string): void {
    const cid = typeof frame.cid === 'string' ? frame.cid : ''
    this.#write(JSON.stringify(refusal(frame.op as RequestOp, cid, why)))
  }

  #receive(message: Message, subscriber: Subscriber<Message>): void {
    if (this.#mutedIn) return
    const frame = readFrame(message)
    if (frame === undefined) {
      subscriber.next(message)
      return
    }
    const arriving = this.#mischief.in(frame, this)
    if (arriving !== undefined) subscriber.next(arriving === frame ? message : JSON.stringify(arriving))
  }

  #emit({ frame, afterMs, overtakenWithinMs, negativeZeros = false, text }: Passing): void {
    const plain = text ?? JSON.stringify(frame)
    const sent = negativeZeros ? withNegativeZeros(plain) : plain
    if (overtakenWithinMs !== undefined) this.#holdBack(sent, overtakenWithinMs)
    else if (afterMs > 0) this.#later(() => this.#write(sent), afterMs)
    else this.#write(sent)
  }

  #holdBack(text: string, withinMs: number): void {
    let held = true
    const release = (): void => {
      if (held) this.#inner.send(text)
      held = false
    }
    this.#overtaken.push(release)
    this.#later(release, withinMs)
  }

  #write(text: string): boolean {
    if (this.#mutedOut) return true
    const isOpen = this.#inner.send(text)
    for (const release of this.#overtaken.splice(0)) release()
    return isOpen
  }

  #later(work: () => void, ms: number): void {
    scheduleOnce(this.#timers, this.#scheduler, work, ms)
  }

  #end(): void {
    if (this.#timers.closed) return
    this.#timers.unsubscribe()
    this.#mischief.ended(this)
  }
}
