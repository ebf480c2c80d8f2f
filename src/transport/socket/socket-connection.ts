import { asyncScheduler, defer, type Observable, Subject, type Subscription } from 'rxjs'
import { LONGEST_TIMER_MS, scheduleDeadline } from '../../time/index.js'
import { ABNORMAL, sendableCode, sendableReason } from '../close-words.js'
import { Inbox } from '../inbox.js'
import { deaf, type Socket, type SocketListener } from './socket.js'
import { type Connection, ConnectionClosed, type Message } from '../transport.js'

/** Messages that may still come after our goodbye. */
const mostAfterGoodbye = 16

/**
 * A Connection on an open socket. `ended` is called once, with the error unless the end was our own
 * doing.
 */
export class SocketConnection implements Connection, SocketListener {
  readonly #socket: Socket
  readonly #closeGraceMs: number
  readonly #ended: (error?: ConnectionClosed) => void
  readonly #inbox = new Inbox()
  /** Created at the first subscription, because a gateway has a connection per client. */
  #life: Subject<void> | undefined
  #state: 'open' | 'closing' | 'ended' = 'open'
  #cause: unknown
  #afterGoodbye = 0
  #grace: Subscription | undefined

  constructor(socket: Socket, closeGraceMs: number, ended: (error?: ConnectionClosed) => void) {
    this.#socket = socket
    this.#closeGraceMs = Math.min(closeGraceMs, LONGEST_TIMER_MS)
    this.#ended = ended
  }

  get message$(): Observable<Message> {
    return this.#inbox.message$
  }

  readonly life$ = defer(() => (this.#life ??= new Subject<void>()))

  get bufferedAmount(): number {
    return this.#socket.bufferedAmount
  }

  send(text: string): boolean {
    // ws neither throws nor tells when it is asked to send on a socket that has closed: such a text
    // would be lost in silence.
    if (this.#state !== 'open' || !this.#socket.isOpen) return false
    try {
      this.#socket.send(text, this.#written)
      return true
    } catch (error) {
      this.#breakOff(error)
      return false
    }
  }

  close(code = 1000, reason = ''): void {
    if (this.#state !== 'open') return
    this.#state = 'closing'
    this.#startGrace()
    try {
      this.#socket.close(sendableCode(code), sendableReason(reason))
    } catch {
      this.#release()
      return
    }
    // At once, not when the handshake is over: a peer that talks on after our goodbye must not be
    // heard.
    this.#inbox.complete()
  }

  abandon(): void {
    this.#release()
  }

  opened(): void {
    // It was open before it came here.
  }

  received(message: Message): void {
    if (this.#state === 'open') this.#inbox.next(message)
    // What was under way when we said goodbye is let by; a peer that goes on is not read any more,
    // and cut off by the grace.
    else if (++this.#afterGoodbye > mostAfterGoodbye) this.#socket.pause?.()
  }

  felt(): void {
    if (this.#state === 'open') this.#life?.next()
  }

  failed(error: unknown): void {
    if (this.#state === 'ended') return
    this.#cause ??= error
    // ws waits 30 s for the other side's answer after a bad or an oversized frame.
    this.#startGrace()
  }

  closed(code: number, reason: string): void {
    if (this.#state === 'open') this.#end(code, reason)
    else this.#release()
  }

  readonly #written = (error?: Error | null): void => {
    if (error !== undefined && error !== null) this.#breakOff(error)
  }

  /** A text may not have left: nothing that follows may be sent either. */
  #breakOff(error: unknown): void {
    if (this.#state === 'closing') this.#release()
    if (this.#state === 'ended') return
    this.#cause ??= error
    this.#socket.terminate()
    this.#end(ABNORMAL, '')
  }

  #startGrace(): void {
    // A peer that never completes the closing handshake keeps a socket of ws in CLOSING for 30 s.
    this.#grace ??= scheduleDeadline(asyncScheduler, this.#closeGraceMs, () => {
      if (this.#state === 'open') this.#breakOff(this.#cause)
      else this.#release()
    })
  }

  /** The end that we wanted. */
  #release(): void {
    if (this.#state === 'ended') return
    this.#leave()
    this.#socket.terminate()
    this.#inbox.complete()
    this.#ended()
  }

  /** The end that we did not want. */
  #end(code: number, reason: string): void {
    if (this.#state === 'ended') return
    this.#leave()
    const error = new ConnectionClosed('open', code, reason, this.#cause === undefined ? {} : { cause: this.#cause })
    this.#inbox.error(error)
    this.#ended(error)
  }

  #leave(): void {
    this.#state = 'ended'
    this.#grace?.unsubscribe()
    // Ignore its late events, and let a socket that is slow to close retain nothing of this
    // connection.
    this.#socket.listen(deaf)
  }
}
