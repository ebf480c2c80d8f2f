import type { OrderJournalEntry, OrderRequest } from '../../src/client/index.js'
import type { Fill } from '../../src/protocol/index.js'
import { Answers } from './answers.js'
import type { Machine } from './machine.js'
import type { Link } from './network.js'
import type { Frame } from './quirks.js'
import { isBusinessReason, isDoubtful } from './refusal-texts.js'
import { fillKey, type TrueOrder, type Venue } from './venue.js'

/** One subscription to a placeOrder. */
export interface Attempt {
  readonly wallAt: number
  readonly monotonicAt: number
  /** Its place among all that was asked for. */
  readonly ticket: number
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

/** A place_order that was written, perhaps more than once. */
interface Written {
  readonly again: boolean
  /** First instant, and the life of the gateway at that time. */
  readonly at: number
  readonly gatewayLife: number
  /** That of the subscription that it was written for. */
  readonly ticket: number
}

/** The second frames of an order on the link of the last one. */
interface SecondFrames {
  readonly link: Link
  /** Those without an answer that may place the order. */
  readonly placing: number
  /** True once the server was asked by a frame that can place nothing. */
  readonly asked: boolean
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

/** Words of lists are judged by their list; the others are those of our own gateway. */
const saysNoForSure = ({ result, error_message, unknown }: Frame): boolean =>
  result === false &&
  typeof error_message === 'string' &&
  unknown !== true &&
  (unknown === false ||
    isBusinessReason(error_message) ||
    !(unsureReply.test(error_message) || isDoubtful(error_message)))

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
  readonly written = new Map<string, Written>()
  /** What the client was told about a cid: the last time. */
  readonly toldPlaced = new Map<string, number>()
  readonly toldRejected = new Map<string, number>()
  /** Cids of which the server has said that it does not know the outcome. */
  readonly toldUnknown = new Set<string>()
  /** By cid: the second frames that were written. */
  readonly #secondFrames = new Map<string, SecondFrames>()
  #tickets = 0
  /** Cancels of all that were asked for and not written yet, by platform: their tickets. */
  readonly #cancelAlls = new Map<string, number[]>()
  /** The ticket of the last cancel of all that was written, by platform. */
  readonly #swept = new Map<string, number>()
  readonly #storms: { readonly link: Link; readonly at: number; most: number; questions: number }[] = []
  readonly sightings = new Map<string, number>()
  /** The cids that lists of open orders and notices have shown, be they readable or not. */
  readonly listed = new Set<string>()
  readonly closedByCaller = new Set<string>()
  /** The orders that are known to be one call's: its reply said so, or its caller was told. */
  readonly attributed = new Set<string>()
  /** When the server has said that an order is cancelled: the last time. */
  readonly #cancelledAt = new Map<string, number>()
  /** When each cancel was written, by its cid. */
  readonly #cancelAskedAt = new Map<unknown, number>()
  lastWrittenAt = -Infinity
  readonly deliveredFills = new Map<string, number>()
  readonly deliveredFilled = new Map<string, number>()
  /** Orders that a notice or the reply to a cancel called cancelled. */
  readonly saidCancelled = new Set<string>()
  /** Tokens that the server made void without a notice: a client that sends no request cannot know. */
  readonly silentVoids: { readonly platform: string; readonly at: number }[] = []
  /** Times at which the gateway stood still: what the exchange told by then it sent later. */
  readonly gatewayStops: { readonly from: number; readonly to: number }[] = []
  /** Where the numbers of notices showed that some had not come. */
  readonly holes: { readonly platform: string; readonly at: number; readonly why: string }[] = []
  readonly #numbers = new Map<string, number>()
  readonly #byShape = new Map<string, Call>()
  readonly #loginsInFlight = new Map<string, { readonly link: Link; readonly cid: string; readonly at: number }>()
  readonly #tokenByCid = new Map<string, Token>()
  /** Logins that are being left may be in flight while their successors begin. */
  readonly #leaving = new Set<string>()
  readonly #platformOf = new Map<string, string>()
  readonly #loginAsked = new Map<unknown, { readonly at: number; readonly asleepMs: number }>()
  readonly #loginsAt: number[] = []
  readonly #now: () => number

  /** @param requestTimeoutMs - after which the client gives a login up */
  constructor(
    now: () => number,
    private readonly requestTimeoutMs: number,
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
    journalOf: (platform: string) => readonly OrderJournalEntry[] | undefined,
    gatewayLife: number,
  ): void {
    if (frame.op === 'login') this.#loginWritten(link, frame)
    if (!commands.has(frame.op)) return
    this.answers.asked(frame)
    const token = this.tokens.get(String(frame.token))
    const now = this.#now()
    if (token !== undefined) this.#tokenByCid.set(String(frame.cid), token)
    if (frame.op === 'cancel_order') this.#cancelAskedAt.set(frame.cid, now)
    if (token === undefined || !token.known || token.link !== link || !(token.ready || token.readyUntil === now)) {
      this.fail('I7', `${frame.op} was written though its login is not READY: ${JSON.stringify(frame)}`)
    }
    if (frame.op === 'place_order' && token !== undefined) {
      this.#orderWritten(link, frame, machine, token.platform, journalOf(token.platform), gatewayLife)
    } else if (frame.op === 'cancel_order' && token !== undefined) this.#cancelWritten(frame, token.platform)
    if (frame.op === 'open_orders' || frame.op === 'asset' || frame.op === 'position') this.#questionWritten(link)
  }

  nextTicket(): number {
    return ++this.#tickets
  }

  /** @returns its ticket */
  cancelAllAsked(platform: string): number {
    const ticket = this.nextTicket()
    this.#cancelAlls.set(platform, [...(this.#cancelAlls.get(platform) ?? []), ticket])
    return ticket
  }

  cancelAllEnded(platform: string, ticket: number): void {
    const waiting = this.#cancelAlls.get(platform) ?? []
    this.#cancelAlls.set(
      platform,
      waiting.filter((each) => each !== ticket),
    )
  }

  #cancelWritten({ order_nos }: Frame, platform: string): void {
    if (!Array.isArray(order_nos) || order_nos.length > 0) return
    // They leave in the order in which they were asked for; some end without having been written, so this is the earliest it can be.
    const ticket = this.#cancelAlls.get(platform)?.shift()
    if (ticket !== undefined) this.#swept.set(platform, Math.max(ticket, this.#swept.get(platform) ?? 0))
  }

  /** A storm of notices that cannot be read asks for a round of snapshots, and for one behind its last. */
  stormHeard(link: Link, symbols: number, resyncEveryMs = Number.POSITIVE_INFINITY): void {
    const round = 2 * symbols + 2
    const rounds = 4 * round
    // Both logins take their snapshots anew at each interval.
    const usual = 2 * round * Math.floor(3_000 / resyncEveryMs)
    // The storm of one login asks for its own rounds while those of another's are under way.
    const others = this.#storms.filter((storm) => storm.link === link)
    for (const storm of others) storm.most += rounds
    const underWay = others.filter(({ at }) => this.#now() - at < 6_000)
    this.#storms.push({ link, at: this.#now(), most: 24 + usual + rounds * (1 + underWay.length), questions: 0 })
  }

  #questionWritten(link: Link): void {
    for (const storm of this.#storms) {
      if (storm.link !== link || this.#now() - storm.at > 3_000) continue
      if (++storm.questions > storm.most)
        this.fail('storm', `${storm.questions} questions within 3 s of a storm of notices`)
    }
  }

  /** A frame is heard that stands where a notice of this login should. */
  mayHaveMissed(link: Link, name: string): void {
    const token = this.tokens.get(name)
    if (token?.known !== true || token.isVoid || token.link !== link) return
    this.holes.push({ platform: token.platform, at: this.#now(), why: 'a frame that cannot be read' })
  }

  #orderWritten(
    link: Link,
    frame: Frame,
    machine: Machine,
    platform: string,
    journal: readonly OrderJournalEntry[] | undefined,
    gatewayLife: number,
  ): void {
    const cid = String(frame.cid)
    const before = this.written.get(cid)
    this.lastWrittenAt = this.#now()
    if (journal !== undefined && !journal.some((entry) => entry.kind === 'sent' && entry.cid === cid)) {
      this.fail('I1', `place_order ${cid} was written before the order journal`)
    }
    const call = this.callOf(platform, frame as unknown as OrderRequest)
    // That of a subscriber who is still there, if there is one: others may have come and gone since.
    const attempt = call?.attempts.findLast(({ end }) => end === undefined) ?? call?.attempts.at(-1)
    // A successor does not know whether its predecessor had written it.
    const again = before !== undefined || call?.machine !== machine
    const first = before ?? { at: this.#now(), gatewayLife, ticket: attempt?.ticket ?? 0 }
    this.written.set(cid, { ...first, again })
    if (call === undefined || attempt === undefined) {
      this.fail('I1', `place_order ${cid} was written and nobody asked for it`)
      return
    }
    // By any clock this has passed: it asks, and places nothing.
    const asks = frame.valid_until === 1
    const second = this.#secondFrames.get(cid)
    const { placing } = second?.link === link ? second : { placing: 0 }
    const asked = asks || second?.asked === true
    if (again) this.#secondFrames.set(cid, { link, placing: placing + (asks ? 0 : 1), asked })
    if (asks) return
    if (first.ticket < (this.#swept.get(platform) ?? 0))
      this.fail('cancels', `${call.name} was written behind a cancel of all that was asked for later`)
    if (before !== undefined) {
      if (frame.valid_until === undefined)
        this.fail('I1', `place_order ${cid} was written twice without the feature cid`)
      if (machine.jumps === 0 && this.#now() - before.at >= call.maxAgeMs)
        this.fail('age', `${call.name} was written again ${this.#now() - before.at} ms after it was written first`)
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
    // A login that has timed out is over: it gets a connection of its own while the shared one serves others.
    const isOver =
      present !== undefined && present.link !== link && this.#now() - present.at >= this.requestTimeoutMs - 1
    if (present?.link.open === true && !isOver && !this.#leaving.has(platform)) {
      this.fail('login', `a login to ${platform} was written while another had no reply yet`)
    }
    this.#loginsInFlight.set(platform, { link, cid: String(frame.cid), at: this.#now() })
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
    // Any reply with its cid answers a frame, a spoilt one too.
    const second = this.#secondFrames.get(String(frame.cid))
    if (second !== undefined && second.placing > 0)
      this.#secondFrames.set(String(frame.cid), { ...second, placing: second.placing - 1 })
    if (frame.op === 'state' || frame.op === 'notify') {
      const token = this.#tokenOf(String(frame.token), link)
      // Said, whether or not the check holds the token for void.
      if (frame.topic === 'order' && frame.data?.status === 'CANCELED')
        this.saidCancelled.add(`${token.platform} ${String(frame.data.order_no)}`)
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
      if (asked?.asleepMs === link.client.machine.asleepMs && this.#now() - asked.at > this.requestTimeoutMs)
        token.isVoid = true
      if (frame.resume !== 'complete') this.#numbers.delete(platform)
      if (frame.resume !== 'complete' && typeof frame.seq === 'number') this.#numbers.set(platform, frame.seq)
      for (const held of token.held.splice(0)) this.#applies(token, held)
    } else if (frame.op === 'open_orders' && Array.isArray(frame.data)) {
      for (const { cid } of frame.data as readonly Frame[]) if (cid !== undefined) this.listed.add(cid)
    } else if (frame.op === 'cancel_order' && frame.result === true && Array.isArray(frame.data)) {
      const platform = this.#tokenByCid.get(String(frame.cid))?.platform ?? ''
      for (const { order_no, result } of frame.data as readonly Frame[]) {
        if (result !== true) continue
        // A later reply comes after the client has given the cancel up.
        if (this.#now() - (this.#cancelAskedAt.get(frame.cid) ?? 0) < this.requestTimeoutMs)
          this.#cancelledAt.set(`${platform} ${String(order_no)}`, this.#now())
        this.saidCancelled.add(`${platform} ${String(order_no)}`)
      }
    } else if (frame.op === 'place_order' && typeof frame.cid === 'string') {
      if (frame.result === true && typeof frame.order_no === 'string' && typeof frame.error_message === 'string') {
        this.toldPlaced.set(frame.cid, this.#now())
        this.attributed.add(`${this.#tokenByCid.get(frame.cid)?.platform ?? ''} ${frame.order_no}`)
        this.toldUnknown.delete(frame.cid)
      } else {
        if (frame.unknown === true) this.toldUnknown.add(frame.cid)
        // Of an order that was written twice a refusal may be the second's alone, unless the server looked the cid up for it.
        const isAnswer = second?.asked === true && second.placing === 0
        const isProof =
          this.written.get(frame.cid)?.again === false ||
          (isAnswer && frame.unknown === false && frame.error_message !== 'Invalid token')
        if (isProof && saysNoForSure(frame)) this.toldRejected.set(frame.cid, this.#now())
      }
    }
  }

  /** True while the reply is heard by which the server says so. */
  isCancelledByReply(platform: string, order_no: string): boolean {
    return this.#cancelledAt.get(`${platform} ${order_no}`) === this.#now()
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
    if (data.status === 'CANCELED') this.saidCancelled.add(`${token.platform} ${String(data.order_no)}`)
  }

  #number(platform: string, { seq }: Frame): void {
    if (typeof seq !== 'number') return
    const last = this.#numbers.get(platform)
    if (last !== undefined && seq > last + 1)
      this.holes.push({ platform, at: this.#now(), why: 'a hole in the numbers' })
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
