import { defer, type Observable, of, Subscription, tap } from 'rxjs'
import {
  type ClientFrame,
  type DecodeFailure,
  decodeClientFrame,
  type LoginRequest,
  type LogoutRequest,
  type Ping,
  type Reply,
  type RequestOp,
} from '../../protocol/index.js'
import { keepsDigits } from '../../protocol/internal.js'
import { scheduleDeadline } from '../../time/index.js'
import { type Connection, ConnectionClosed, type Message } from '../../transport/index.js'
import { answer, unsendable } from './answer.js'
import { CloseCode, type Closing } from '../close-code.js'
import type { CommandRequest } from './commands.js'
import type { GatewayContext } from './gateway-context.js'
import type { Login } from '../login/login.js'
import { LoginRefused } from '../login/login-refused.js'
import { openLogin } from '../login/open-login.js'
import { Outbox } from './outbox.js'
import { OwnLogins } from '../login/connection-logins.js'
import type { Seat } from './query-turns.js'
import { RateWindow } from './rate-window.js'
import { refusal } from '../adapter/refusal.js'
import { watchSilence } from './idle-timeout.js'

/**
 * A Set, not an object: an op is a client's word, and `constructor` would be found in an object.
 */
const requestOps: ReadonlySet<string> = new Set<RequestOp>([
  'login',
  'place_order',
  'cancel_order',
  'open_orders',
  'asset',
  'position',
  'symbol_info',
  'logout',
])
/** Requests that change nothing: their answers may be long, and connections have turns for them. */
const queryOps: ReadonlySet<string> = new Set<RequestOp>(['open_orders', 'asset', 'position', 'symbol_info'])
/** Length of a message that counts for one: see `messagesPerSecond`. */
const charactersPerMessage = 512

const isRequestOp = (op: string | undefined): op is RequestOp => op !== undefined && requestOps.has(op)

/**
 * One connection, from its first frame to its end: reads frames, keeps the logins that live on it,
 * and sees to it that each request has exactly one reply.
 */
export class ConnectionSession {
  readonly #id: number
  readonly #connection: Connection
  readonly #context: GatewayContext
  readonly #ended: (why: string, code?: CloseCode) => void
  readonly #outbox: Outbox
  readonly #logins = new OwnLogins()
  readonly #rate: RateWindow
  readonly #subscriptions = new Subscription()
  #heardAt: number
  #inFlight = 0
  /** From the first query on. */
  #seat: Seat | undefined
  #loginDeadline: Subscription | undefined
  #over = false

  constructor(
    id: number,
    connection: Connection,
    context: GatewayContext,
    ended: (why: string, code?: CloseCode) => void,
  ) {
    const { limits, clock } = context
    this.#id = id
    this.#connection = connection
    this.#context = context
    this.#ended = ended
    this.#outbox = new Outbox(connection, context, () => {
      this.close({ code: CloseCode.SLOW_READER, reason: 'what was sent is not being read' })
    })
    this.#rate = new RateWindow(limits.messagesPerSecond, clock)
    this.#heardAt = clock.monotonic()
  }

  start(): void {
    const { limits, scheduler, clock } = this.#context
    const { deadAfterMs, loginWithinMs } = limits
    const silent = () => this.close({ code: CloseCode.SILENT, reason: `nothing was heard for ${deadAfterMs} ms` })
    this.#subscriptions.add(watchSilence({ heardAt: () => this.#heardAt, deadAfterMs, silent, clock, scheduler }))
    this.#loginDeadline = scheduleDeadline(scheduler, loginWithinMs, () =>
      this.close({ code: CloseCode.LOGIN_DEADLINE, reason: `no login within ${loginWithinMs} ms` }),
    )
    this.#subscriptions.add(this.#loginDeadline)
    // A ping of the WebSocket counts as a message received.
    if (this.#connection.life$ !== undefined)
      this.#subscriptions.add(
        this.#connection.life$.subscribe({
          next: () => (this.#heardAt = clock.monotonic()),
          error: () => undefined,
        }),
      )
    this.#subscriptions.add(
      this.#connection.message$.subscribe({
        next: (message) => this.#receive(message),
        // Its code alone: the reason is the client's word.
        error: (error: unknown) =>
          this.#end(error instanceof ConnectionClosed ? `closed by the other side (${error.code})` : 'lost'),
        complete: () => this.#end('closed'),
      }),
    )
  }

  /** Ends it by the gateway's wish. */
  close({ code, reason }: Closing): void {
    if (this.#over) return
    this.#end(reason, code)
    this.#connection.close(code, reason)
  }

  /** Every login ends with its socket. */
  #end(why: string, code?: CloseCode): void {
    if (this.#over) return
    this.#over = true
    this.#outbox.close()
    this.#subscriptions.unsubscribe()
    this.#seat?.leave()
    for (const login of this.#logins.all) {
      login.disconnect()
      this.#context.tell({ type: 'logout', connection: this.#id, platform: login.platform, clean: false })
    }
    this.#logins.clear()
    this.#ended(why, code)
  }

  #receive(message: Message): void {
    if (this.#over) return
    const { clock, limits, traffic } = this.#context
    traffic.received++
    this.#heardAt = clock.monotonic()
    if (!this.#rate.admits(Math.max(1, Math.ceil(message.length / charactersPerMessage)))) {
      this.close({ code: CloseCode.FLOOD, reason: `more than ${limits.messagesPerSecond} messages in a second` })
      return
    }
    try {
      const decoded = decodeClientFrame(message)
      if (decoded._tag === 'Right') this.#handle(decoded.right, message)
      else this.#complain(decoded.left)
    } catch (error) {
      this.#break('handling a frame', error)
    }
  }

  #handle(frame: ClientFrame, message: Message): void {
    switch (frame.op) {
      case 'ping':
        this.#ping(frame, message)
        break
      case 'login':
        this.#login(frame)
        break
      case 'logout':
        this.#logout(frame)
        break
      default:
        this.#command(frame)
    }
  }

  #ping({ ts }: Ping, message: Message): void {
    if (keepsDigits(message, ts)) this.#outbox.send({ op: 'pong', ts })
    else {
      const error_message = 'ping: ts has more digits than a double holds; it cannot be sent back unchanged'
      this.#outbox.send({ op: 'error', error_message })
    }
  }

  /**
   * Answers an undecodable frame whose op is that of a request as a request; no other frame expects
   * a reply.
   */
  #complain(failure: DecodeFailure): void {
    this.#context.tell({ type: 'bad-frame', connection: this.#id, why: failure.reason })
    if (failure.reason === 'shape' && isRequestOp(failure.op)) {
      if (failure.op === 'login') this.#loginWasAsked()
      this.#outbox.send(refusal(failure.op, failure.cid, failure.message))
    } else {
      this.#outbox.send({ op: 'error', error_message: failure.message })
    }
  }

  #loginWasAsked(): void {
    this.#loginDeadline?.unsubscribe()
    this.#loginDeadline = undefined
  }

  #login(request: LoginRequest): void {
    this.#loginWasAsked()
    const { context, outbox, id } = this.#shared
    try {
      const present = this.#logins.size
      const { login, features, epoch, sequence } = openLogin(request, { context, outbox, present, fault: this.#fault })
      const { token, platform } = login
      this.#logins.add(login)
      const cid = request.cid ?? ''
      outbox.send({
        ...{ op: 'login', cid, result: true, error_message: '', token, features: [...features], epoch },
        ...sequence,
      })
      context.tell({ type: 'login', connection: id, platform })
      login.start()
    } catch (error) {
      if (!(error instanceof LoginRefused)) throw error
      context.tell({ type: 'login-refused', connection: id, why: error.why })
      outbox.send(refusal('login', request.cid, error.message))
    }
  }

  #logout({ token, cid }: LogoutRequest): void {
    const { context, outbox, id } = this.#shared
    const login = this.#logins.find(token)
    if (login === undefined) {
      outbox.send(refusal('logout', cid, 'Invalid token'))
      return
    }
    this.#logins.remove(login)
    login.logout()
    outbox.send({ op: 'logout', cid: cid ?? '', result: true, error_message: '' })
    context.tell({ type: 'logout', connection: id, platform: login.platform, clean: true })
  }

  #command(request: CommandRequest): void {
    const { context, outbox } = this.#shared
    const login = this.#logins.find(request.token)
    if (login === undefined) {
      outbox.send(refusal(request.op, request.cid, 'Invalid token'))
      return
    }
    const { memory } = login
    const carryOut = () => this.#carryOut(request, login)
    // Before anything may refuse it: what is answered to a cid that was used before says what
    // became of that order.
    const reply$ =
      request.op === 'place_order' && /* mutant: memory-of-cids */ memory !== undefined
        ? memory.answer(request, context.clock.wall(), carryOut)
        : carryOut()
    // Kept out of the subscriptions that end with the socket: an order on its way goes on, and
    // cancel_on_disconnect waits for it.
    // eslint-disable-next-line rxjs-x/no-ignored-subscription -- It ends by itself, within answerWithinMs.
    reply$.subscribe({
      next: (reply) => this.#reply(request, reply),
      error: (error: unknown) => this.#break(`reply to ${request.op}`, error),
    })
  }

  #carryOut(request: CommandRequest, login: Login): Observable<Reply> {
    const { limits, clock, scheduler, lateAnswers } = this.#context
    const { inFlightPerConnection } = limits
    return defer(() => {
      if (this.#inFlight >= inFlightPerConnection) {
        const why = `${inFlightPerConnection} requests are in flight, and no more are allowed`
        return of(refusal(request.op, request.cid, why))
      }
      const isQuery = queryOps.has(request.op)
      // An answer may be a thousand times as long as its question: who does not read must not be
      // able to go on asking. A query waits until there is room for its answer.
      if (!isQuery && this.#outbox.isFull) {
        return of(
          refusal(request.op, request.cid, 'what was sent is not being read; until it is, nothing more is done'),
        )
      }
      this.#inFlight++
      const answer$ = answer(request, login, { limits, lateAnswers, clock, scheduler, fault: this.#fault })
      return (isQuery ? this.#inTurn(request, login, answer$) : answer$).pipe(tap(() => this.#inFlight--))
    })
  }

  /**
   * Asks a query when it is this connection's turn; one that has waited too long is refused then.
   */
  #inTurn(request: CommandRequest, login: Login, answer$: Observable<Reply>): Observable<Reply> {
    const { clock, limits, turns } = this.#context
    this.#seat ??= turns.seat(() => this.#outbox.isBehind)
    const since = clock.monotonic()
    const inTime$ = defer(() => {
      const waitedMs = Math.round(clock.monotonic() - since)
      if (waitedMs < limits.answerWithinMs) return answer$
      return of(refusal(request.op, request.cid, `the gateway is busy: no turn came within ${waitedMs} ms`))
    })
    return login.track(this.#seat.inTurn(inTime$))
  }

  #reply(request: CommandRequest, reply: Reply): void {
    const characters = this.#send(request, reply)
    if (queryOps.has(request.op)) this.#seat?.charge(characters)
  }

  #send(request: CommandRequest, reply: Reply): number {
    try {
      return this.#outbox.send(reply)
    } catch (error) {
      this.#fault(`reply to ${request.op}`, error)
      return this.#outbox.send(unsendable(request))
    }
  }

  get #shared() {
    return { context: this.#context, outbox: this.#outbox, id: this.#id }
  }

  /** Tells the class of an error alone: the words of a foreign one may hold a key. */
  readonly #fault = (where: string, error: unknown): void => {
    this.#context.tell({ type: 'fault', where, error: error instanceof Error ? error.name : typeof error })
  }

  /** A fault of ours ends this connection, and must not take others' with it. */
  #break(where: string, error: unknown): void {
    this.#fault(where, error)
    this.close({ code: CloseCode.INTERNAL_ERROR, reason: 'the gateway failed' })
  }
}
