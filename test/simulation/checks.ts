import type { IntentEntry, OrderRequest } from '../../src/client/index.js'
import type { Fill } from '../../src/protocol/index.js'
import { Answers } from './answers.js'
import type { Machine } from './machine.js'
import type { Link } from './network.js'
import type { Frame } from './quirks.js'
import { fillKey, type TrueOrder, type Venue } from './venue.js'

/** One subscription to a placeOrder. */
export interface Attempt {
  readonly wallAt: number
  readonly monotonicAt: number
  /** `left`: its subscriber went; `died`: its process did. */
  end: 'placed' | 'not-sent' | 'rejected' | 'unknown' | 'left' | 'died' | undefined
}

/** One call of placeOrder, however often it is subscribed to. */
export interface Call {
  readonly name: string
  readonly venue: Venue
  readonly machine: Machine
  readonly order: OrderRequest
  readonly maxAgeMs: number
  readonly attempts: Attempt[]
  /** The orders of it that the exchange has. */
  readonly orderNos: string[]
  /** How many orders the strategy wants: one for each call of this very shape. */
  wanted: number
  /** How many more the server made of the same frames. */
  copies: number
  closedByCaller: number
}

/** What is known of a token from what the client was told. */
interface Token {
  readonly link: Link
  platform: string
  readonly held: Frame[]
  known: boolean
  ready: boolean
  readyUntil: number
  /** The server has called it void: what comes for it now is for nobody. */
  isVoid: boolean
}

/** By this an order of ours is known: each call has a quantity of its own. */
interface Shape {
  readonly symbol: string
  readonly action: string
  readonly quantity: number
  readonly order_type: string
}

export const shapeOf = (venue: string, { symbol, action, quantity, order_type }: Shape): string =>
  `${venue} ${symbol} ${action} ${order_type} ${Math.abs(quantity)}`

const unsureReply =
  /^\s*$|timed out|HTTP 502|internal error|unreachable|disconnected|Empty reply|超时|duplicate|no luck/

export const saysNoForSure = (frame: Frame): boolean =>
  frame.result === false &&
  typeof frame.error_message === 'string' &&
  frame.unknown !== true &&
  !unsureReply.test(frame.error_message)

/** Anything that must not be seen outside. */
const secret = /sim-access-key|sim-secret-key|tok-sim/

const commands = new Set(['place_order', 'cancel_order', 'open_orders', 'asset', 'position', 'symbol_info'])

/** The invariants of FAULTS.md, looked at whenever something happens. */
export class Checks {
  readonly violations: string[] = []
  readonly answers = new Answers()
  readonly calls: Call[] = []
  readonly tokens = new Map<string, Token>()
  /** The place_orders that were written, by cid: whether perhaps more than once. */
  readonly written = new Map<string, { readonly again: boolean; readonly at: number }>()
  /** What the client was told about a cid: the last time. */
  readonly toldPlaced = new Map<string, number>()
  readonly toldRejected = new Map<string, number>()
  readonly sightings = new Map<string, number>()
  /** The cids that lists of open orders and notices have shown, be they readable or not. */
  readonly listed = new Set<string>()
  readonly closedByCaller = new Set<string>()
  /** The orders that are known to be one call's: its reply said so, or its caller was told. */
  readonly attributed = new Set<string>()
  /** The cids of those whose caller was told their number. */
  readonly toldByAnyMeans = new Set<string>()
  lastWrittenAt = -Infinity
  readonly deliveredFills = new Map<string, number>()
  readonly deliveredFilled = new Map<string, number>()
  /** When a token was made void without a word: whoever asks nothing cannot know of it. */
  readonly silentVoids: { readonly platform: string; readonly at: number }[] = []
  /** Where the numbers of notices showed that some had not come. */
  readonly holes: { readonly platform: string; readonly at: number }[] = []
  readonly #numbers = new Map<string, number>()
  readonly #byShape = new Map<string, Call>()
  readonly #loginsInFlight = new Map<string, { readonly link: Link; readonly cid: string }>()
  readonly #tokenByCid = new Map<string, Token>()
  /** Logins that are being left may be in flight while their successors begin. */
  readonly #leaving = new Set<string>()
  readonly #platformOf = new Map<string, string>()
  readonly #loginAsked = new Map<unknown, { readonly at: number; readonly asleepMs: number }>()
  readonly #loginsAt: number[] = []
  readonly #now: () => number

  /** @param loginTimeoutMs - after which the client gives a login up */
  constructor(
    now: () => number,
    private readonly loginTimeoutMs: number,
  ) {
    this.#now = now
  }

  fail(rule: string, what: string): void {
    if (this.violations.length < 10) this.violations.push(`${rule} at ${(this.#now() / 1000).toFixed(3)} s: ${what}`)
  }

  begin(call: Call): void {
    this.calls.push(call)
    this.#byShape.set(shapeOf(call.venue.name, call.order), call)
  }

  callOf(venue: string, order: Shape): Call | undefined {
    return this.#byShape.get(shapeOf(venue, order))
  }

  /** I5. */
  noSecretIn(where: string, text: string): void {
    if (secret.test(text)) this.fail('I5', `${where} shows a secret: ${text.slice(0, 300)}`)
  }

  /** I1: looked at as each order comes into being. */
  orderMade(venue: Venue, { order, cid }: TrueOrder): void {
    if (cid === undefined) return
    const siblings = venue.byCid.get(cid) ?? []
    if (siblings.length > 1) this.fail('I1', `cid ${cid} made ${siblings.length} orders: ${siblings.join(', ')}`)
    const call = this.callOf(venue.name, order)
    if (call === undefined) {
      this.fail('I1', `an order that nobody asked for: ${JSON.stringify(order)}`)
      return
    }
    call.orderNos.push(order.order_no)
    const told = call.attempts.filter(({ end }) => end === 'placed').length
    const allowed = call.wanted + call.copies + told + call.closedByCaller
    if (call.orderNos.length > allowed) {
      const ends = call.attempts.map(({ end }) => end ?? 'going on').join(', ')
      this.fail('I1', `${call.name} made ${call.orderNos.length} orders; its subscriptions: ${ends}`)
    }
  }

  /** A server that asks its exchange again makes two orders of one frame: none of them is more ours than the other. */
  orderCopied(venue: string, order: Shape, order_no: string): void {
    const call = this.callOf(venue, order)
    if (call === undefined) return
    call.copies++
    call.orderNos.push(order_no)
  }

  clientWrites(
    link: Link,
    frame: Frame,
    machine: Machine,
    journalOf: (platform: string) => readonly IntentEntry[] | undefined,
  ): void {
    if (frame.op === 'login') this.#loginWritten(link, frame)
    if (!commands.has(frame.op)) return
    this.answers.asked(frame)
    const token = this.tokens.get(String(frame.token))
    const now = this.#now()
    if (token !== undefined) this.#tokenByCid.set(String(frame.cid), token)
    if (token === undefined || !token.known || token.link !== link || !(token.ready || token.readyUntil === now)) {
      this.fail('I7', `${frame.op} was written though its login is not READY: ${JSON.stringify(frame)}`)
    }
    if (frame.op === 'place_order' && token !== undefined) {
      this.#orderWritten(frame, machine, token.platform, journalOf(token.platform))
    }
  }

  #orderWritten(frame: Frame, machine: Machine, platform: string, journal: readonly IntentEntry[] | undefined): void {
    const cid = String(frame.cid)
    const before = this.written.get(cid)
    this.lastWrittenAt = this.#now()
    if (journal !== undefined && !journal.some((entry) => entry.kind === 'sent' && entry.cid === cid)) {
      this.fail('I1', `place_order ${cid} was written before the intent journal`)
    }
    const call = this.callOf(platform, frame as unknown as OrderRequest)
    // That of a subscriber who is still there, if there is one: others may have come and gone since.
    const attempt = call?.attempts.findLast(({ end }) => end === undefined) ?? call?.attempts.at(-1)
    // A successor does not know whether its predecessor had written it.
    this.written.set(cid, { again: before !== undefined || call?.machine !== machine, at: before?.at ?? this.#now() })
    if (call === undefined || attempt === undefined) {
      this.fail('I1', `place_order ${cid} was written and nobody asked for it`)
      return
    }
    if (before !== undefined) {
      if (frame.valid_until === undefined)
        this.fail('I1', `place_order ${cid} was written twice without the feature cid`)
      return
    }
    const { clock } = machine
    const wallMs = clock.wall() - attempt.wallAt
    // A successor knows nothing of its predecessor's monotonic clock.
    const ageMs = machine === call.machine ? Math.max(wallMs, clock.monotonic() - attempt.monotonicAt) : wallMs
    if (ageMs >= call.maxAgeMs) {
      this.fail('age', `${call.name} was written ${ageMs} ms after it was asked for, and may wait ${call.maxAgeMs} ms`)
    }
  }

  #loginWritten(link: Link, frame: Frame): void {
    const platform = String(frame.platform)
    const present = this.#loginsInFlight.get(platform)
    if (present?.link.open === true && !this.#leaving.has(platform)) {
      this.fail('login', `a login to ${platform} was written while another had no reply yet`)
    }
    this.#loginsInFlight.set(platform, { link, cid: String(frame.cid) })
    this.#platformOf.set(String(frame.cid), platform)
    const now = this.#now()
    const { asleepMs, asleepForMs } = link.client.machine
    this.#loginAsked.set(frame.cid, { at: now, asleepMs: asleepForMs > 0 ? Number.NaN : asleepMs })
    this.#loginsAt.push(now)
    if (this.#loginsAt.length > 40 && now - (this.#loginsAt.at(-40) ?? 0) < 10_000) {
      this.fail('storm', '40 logins within 10 s')
    }
  }

  /** Its subscriber went, or its process died: what it has in flight is not its successor's. */
  loginLeft(platform: string): void {
    this.#loginsInFlight.delete(platform)
    this.#leaving.add(platform)
  }

  /** There is one again. */
  loggedIn(platform: string): void {
    this.#leaving.delete(platform)
  }

  clientHears(link: Link, frame: Frame): void {
    this.answers.heard(frame)
    if (frame.result === false && frame.error_message === 'Invalid token') {
      const token = this.#tokenByCid.get(String(frame.cid))
      if (token !== undefined) token.isVoid = true
    }
    if (frame.topic === 'order' && typeof frame.data?.cid === 'string') this.listed.add(frame.data.cid)
    if (frame.op === 'state' || frame.op === 'notify') {
      const token = this.#tokenOf(String(frame.token), link)
      if (token.known) this.#applies(token, frame)
      else if (token.held.length < 1_000) token.held.push(frame)
    } else if (frame.op === 'login') {
      const platform = this.#platformOf.get(String(frame.cid)) ?? ''
      if (this.#loginsInFlight.get(platform)?.cid === frame.cid) this.#loginsInFlight.delete(platform)
      if (frame.result !== true || typeof frame.token !== 'string') return
      const token = this.#tokenOf(frame.token, link)
      token.known = true
      token.platform = platform
      const asked = this.#loginAsked.get(frame.cid)
      // Given up: what comes for it is for nobody. Timers of one that slept may be late.
      if (asked?.asleepMs === link.client.machine.asleepMs && this.#now() - asked.at > this.loginTimeoutMs)
        token.isVoid = true
      if (frame.resume !== 'complete') this.#numbers.delete(platform)
      if (frame.resume !== 'complete' && typeof frame.seq === 'number') this.#numbers.set(platform, frame.seq)
      for (const held of token.held.splice(0)) this.#applies(token, held)
    } else if (frame.op === 'open_orders' && Array.isArray(frame.data)) {
      for (const { cid } of frame.data as readonly Frame[]) if (cid !== undefined) this.listed.add(cid)
    } else if (frame.op === 'place_order' && typeof frame.cid === 'string') {
      if (frame.result === true && typeof frame.order_no === 'string' && typeof frame.error_message === 'string') {
        this.toldPlaced.set(frame.cid, this.#now())
        this.attributed.add(`${this.#tokenByCid.get(frame.cid)?.platform ?? ''} ${frame.order_no}`)
      } else if (saysNoForSure(frame) && this.written.get(frame.cid)?.again === false) {
        // Of an order that was written twice a refusal proves nothing: it may be the second's alone.
        this.toldRejected.set(frame.cid, this.#now())
      }
    }
  }

  #tokenOf(name: string, link: Link): Token {
    const known = this.tokens.get(name)
    if (known !== undefined) return known
    const token: Token = { link, platform: '', held: [], known: false, ready: false, readyUntil: -1, isVoid: false }
    this.tokens.set(name, token)
    return token
  }

  #applies(token: Token, frame: Frame): void {
    const now = this.#now()
    if (frame.op === 'state') {
      if (frame.code === 6) token.ready = true
      else if (frame.code === 1 || frame.code === 3 || frame.code === 4 || frame.code === 5) token.ready = false
      else return
      token.readyUntil = now
      return
    }
    if (token.isVoid) return
    const data = frame.data as (Partial<Fill> & { cid?: unknown; status?: unknown }) | null
    if (typeof data !== 'object' || data === null || typeof data.symbol !== 'string') return
    if (!Number.isFinite(data.price) || !Number.isFinite(data.quantity)) return
    this.#number(token.platform, frame.data as Frame)
    if (frame.topic === 'fill') this.deliveredFills.set(`${token.platform} ${fillKey(data as Fill)}`, now)
    if (frame.topic !== 'order') return
    if (typeof data.cid === 'string') this.sightings.set(data.cid, now)
    if (data.status === 'FILLED') this.deliveredFilled.set(`${token.platform} ${String(data.order_no)}`, now)
  }

  #number(platform: string, { seq }: Frame): void {
    if (typeof seq !== 'number') return
    const last = this.#numbers.get(platform)
    if (last !== undefined && seq > last + 1) this.holes.push({ platform, at: this.#now() })
    this.#numbers.set(platform, Math.max(last ?? seq, seq))
  }

  /** I4. */
  settled(venue: Venue, cid: string, how: string): void {
    const orders = venue.byCid.get(cid)
    const proven = (fate: string): boolean => {
      switch (fate) {
        case 'placed':
          return orders !== undefined
        case 'rejected':
          return this.toldRejected.has(cid)
        case 'unsent':
          return !this.written.has(cid)
        case 'closed-by-caller':
          return this.closedByCaller.has(cid)
        default:
          return ['placed', 'rejected', 'closed-by-caller'].some(proven)
      }
    }
    if (!proven(how)) this.fail('I4', `${cid} was closed as ${how}, and nothing shows it`)
  }
}
