import type { Message } from '../../src/transport/index.js'
import type { Dice } from './dice.js'
import type { Fault } from './faults.js'
import type { Hits } from './hits.js'
import { keys, symbol } from './venue.js'

export interface Frame {
  readonly op: string
  readonly cid?: string
  readonly token?: string
  readonly result?: boolean
  readonly error_message?: string
  readonly order_no?: unknown
  readonly topic?: string
  readonly code?: number
  readonly unknown?: boolean
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- What a quirk does not look at may be anything.
  readonly [field: string]: any
}

/** A frame is looked at by many; it is parsed once. */
const recent = new Map<string, Frame | undefined>()

const parse = (text: string): Frame | undefined => {
  try {
    const frame = JSON.parse(text) as unknown
    return typeof frame === 'object' && frame !== null && 'op' in frame ? (frame as Frame) : undefined
  } catch {
    return undefined
  }
}

export const parsed = (message: Message): Frame | undefined => {
  if (typeof message !== 'string') return undefined
  const known = recent.get(message)
  if (known !== undefined) return known
  const frame = parse(message)
  if (recent.size >= 64) recent.clear()
  recent.set(message, frame)
  return frame
}

/** What deployed servers do, each with how often. */
export interface QuirkRates {
  /** No features, no epoch, no cid on orders. */
  readonly plain: boolean
  readonly silentCancel: boolean
  readonly loseReply: number
  readonly lateReply: number
  /** When a reply is too late, in ms. */
  readonly lateAfterMs: number
  readonly slowReply: number
  readonly repeatReply: number
  readonly unsureReply: number
  readonly badReply: number
  readonly loseLoginReply: number
  readonly lateLoginReply: number
  readonly loseNotice: number
  /** Of a gateway that numbers them. */
  readonly loseNumbered: number
  readonly slowNotice: number
  readonly repeatNotice: number
  readonly oldNotice: number
  readonly badNotice: number
  readonly badNumber: number
  /** Of orders of which the price is not told. */
  readonly unpriced: number
  readonly strangeState: number
  readonly canceledFirst: number
  readonly partialAssets: number
  readonly garbage: number
  readonly tellsKeys: number
}

export const noQuirks: QuirkRates = {
  plain: false,
  silentCancel: false,
  loseReply: 0,
  lateReply: 0,
  lateAfterMs: 0,
  slowReply: 0,
  repeatReply: 0,
  unsureReply: 0,
  badReply: 0,
  loseLoginReply: 0,
  lateLoginReply: 0,
  loseNotice: 0,
  loseNumbered: 0,
  slowNotice: 0,
  repeatNotice: 0,
  oldNotice: 0,
  badNotice: 0,
  badNumber: 0,
  unpriced: 0,
  strangeState: 0,
  canceledFirst: 0,
  partialAssets: 0,
  garbage: 0,
  tellsKeys: 0,
}

type Emit = (message: Message, afterMs: number) => void

const commandReplies = new Set(['place_order', 'cancel_order', 'open_orders', 'asset', 'position', 'symbol_info'])

/** What stands where a number belongs, as JSON. */
const noNumbers = ['1e400', '"1"', 'true', '[1]', 'null']

const unsureWords = [
  ...['', ' ', 'request timed out', 'HTTP 502 Bad Gateway', 'internal error', 'network is unreachable'],
  ...['Server disconnected', 'Empty reply from server', '请求超时', 'duplicate client order id', 'no luck this time'],
]

/** What no server should send, for the login with this token. */
const garbage = {
  'frame that is none': () => [
    '{"op":"notify","topic":"order"',
    '\ufeff{"op":"pong","ts":1}',
    'null',
    '"text"',
    '[]',
    new Uint8Array([1, 2, 3]),
    `${'['.repeat(10_000)}${']'.repeat(10_000)}`,
  ],
  'name that every object has': (token: string) => [
    '{"op":"constructor"}',
    '{"op":"__proto__","cid":"toString"}',
    JSON.stringify({ op: 'notify', topic: '__proto__', token, data: {} }),
    JSON.stringify({ op: 'notify', topic: 'order', token: '__proto__', data: {} }),
    JSON.stringify({ op: 'place_order', cid: 'constructor', result: true, error_message: '', order_no: '7' }),
  ],
  'unknown op or topic': (token: string) => [
    JSON.stringify({ op: 'weather', token, data: null }),
    JSON.stringify({ op: 'notify', topic: 'weather', token, data: null }),
    JSON.stringify({ op: 'error', error_message: `what is ${keys.secret}?` }),
  ],
  'reply to nothing': () => [
    JSON.stringify({ op: 'asset', cid: 'never-asked', result: true, error_message: '', data: {} }),
    JSON.stringify({ op: 'place_order', cid: 'never-asked', result: true, error_message: '', order_no: '7' }),
    JSON.stringify({ op: 'login', cid: 'never-asked', result: true, error_message: '', token: 'tok-sim-never' }),
  ],
} satisfies Record<string, (token: string) => readonly Message[]>

/** Told of what was kept from the client on purpose. */
export interface QuirkReports {
  lostNotice(frame: Frame): void
  lostReply(frame: Frame): void
}

/** Makes a gateway with manners behave like those in the field. */
export class Quirks {
  readonly #dice: Dice
  readonly #hits: Hits
  readonly #reports: QuirkReports
  readonly #rates: () => QuirkRates
  readonly #earlier: Frame[] = []

  constructor(dice: Dice, hits: Hits, rates: () => QuirkRates, reports: QuirkReports) {
    this.#dice = dice
    this.#hits = hits
    this.#rates = rates
    this.#reports = reports
  }

  pass(text: string, emit: Emit): void {
    const rates = this.#rates()
    if (rates === noQuirks) {
      emit(text, 0)
      return
    }
    const frame = parsed(text)
    if (frame === undefined || frame.op === 'pong') emit(text, 0)
    else if (frame.op === 'login') this.#login(frame, rates, emit)
    else if (frame.op === 'notify') this.#notice(frame, rates, emit)
    else if (frame.op === 'state') this.#state(frame, rates, emit)
    else if (commandReplies.has(frame.op)) this.#reply(frame, rates, emit)
    else emit(text, 0)
    if (this.#dice.chance(rates.garbage)) this.#garbage(frame?.token, emit)
  }

  #hit(rate: number, name: Fault): boolean {
    if (!this.#dice.chance(rate)) return false
    this.#hits.count(name)
    return true
  }

  #login(frame: Frame, rates: QuirkRates, emit: Emit): void {
    const { features: _features, epoch: _epoch, seq: _seq, resume: _resume, ...plain } = frame
    const sent = JSON.stringify(rates.plain ? plain : frame)
    if (this.#hit(rates.loseLoginReply, 'login reply lost')) return
    const late = this.#hit(rates.lateLoginReply, 'state before the login reply')
    emit(sent, late ? this.#dice.between(1, 1_500) : 0)
  }

  #state(frame: Frame, rates: QuirkRates, emit: Emit): void {
    const dice = this.#dice
    const tells = this.#hit(rates.tellsKeys, 'server repeats a key')
    const msg = tells ? `${String(frame.msg)} for ${keys.access} / ${keys.secret} (${String(frame.token)})` : frame.msg
    emit(JSON.stringify({ ...frame, msg }), 0)
    if (this.#hit(rates.strangeState, 'unknown state code')) {
      emit(JSON.stringify({ op: 'state', token: frame.token, code: dice.pick([7, 8, 9, -1, 600]), msg: 'hm' }), 0)
    }
  }

  #reply(given: Frame, rates: QuirkRates, emit: Emit): void {
    const dice = this.#dice
    let frame = given
    if (rates.plain && frame.op === 'open_orders' && Array.isArray(frame.data)) {
      frame = { ...frame, data: frame.data.map(({ cid: _cid, ...order }: Frame) => order) }
    }
    if (frame.op === 'open_orders' && frame.data?.length > 0 && this.#hit(rates.unpriced, 'price that is not told')) {
      frame = { ...frame, data: frame.data.map((order: Frame) => ({ ...order, price: null })) }
    }
    if (
      rates.silentCancel &&
      frame.op === 'cancel_order' &&
      frame.result === true &&
      frame.data.length === 1 &&
      frame.data[0].result === true
    ) {
      this.#hits.count('cancel of one order unanswered')
      this.#reports.lostReply(frame)
      return
    }
    if (this.#hit(rates.loseReply, 'reply lost')) {
      this.#reports.lostReply(frame)
      return
    }
    if (frame.op === 'place_order') {
      if (frame.result === true && this.#hit(rates.unsureReply, 'false that is not definite')) {
        const { order_no: _, ...rest } = frame
        frame = { ...rest, result: false, error_message: dice.pick(unsureWords) }
      }
    }
    if (this.#hit(rates.badReply, 'undecodable reply')) {
      frame = dice.pick<Frame>([
        { ...frame, order_no: 7, data: 'x' },
        { ...frame, result: 'yes' as unknown as boolean },
        { ...frame, error_message: null as unknown as string },
        { ...frame, op: 'constructor' },
      ])
      this.#reports.lostReply(given)
    }
    const late = this.#hit(rates.lateReply, 'reply after its timeout')
    const slow = !late && this.#hit(rates.slowReply, 'reply overtaken')
    const afterMs = late ? rates.lateAfterMs + dice.between(1, 15_000) : slow ? dice.between(1, 3_000) : 0
    const text = JSON.stringify(frame)
    emit(text, afterMs)
    if (this.#hit(rates.repeatReply, 'reply twice')) emit(text, afterMs + dice.between(0, 2_000))
  }

  #notice(given: Frame, rates: QuirkRates, emit: Emit): void {
    const dice = this.#dice
    let frame = given
    if (rates.plain && (frame.topic === 'order' || frame.topic === 'fill')) {
      const { cid: _cid, seq: _seq, ...data } = frame.data as Frame
      frame = { ...frame, data }
    }
    if (this.#hit(rates.loseNotice, 'notice lost')) {
      this.#reports.lostNotice(frame)
      return
    }
    if (frame.data?.seq !== undefined && this.#hit(rates.loseNumbered, 'numbered notice lost')) {
      this.#reports.lostNotice(frame)
      return
    }
    if (frame.topic === 'asset' && this.#hit(rates.partialAssets, 'asset notice that is only a hint')) {
      frame = { ...frame, data: dice.pick([{}, { USDT: { free: 1, locked: 0, total: 0 } }]) }
    }
    if (frame.topic === 'order' && this.#hit(rates.unpriced, 'price that is not told')) {
      frame = { ...frame, data: { ...frame.data, price: null } }
    }
    if (this.#hit(rates.badNotice, 'undecodable notice')) {
      frame = { ...frame, data: dice.pick<unknown>([{ ...frame.data, symbol: 7, USDT: 'x' }, null, [], 'data']) }
    }
    if (
      frame.topic === 'order' &&
      frame.data?.status === 'FILLED' &&
      this.#hit(rates.canceledFirst, 'CANCELED then FILLED')
    ) {
      emit(JSON.stringify({ ...frame, data: { ...frame.data, status: 'CANCELED' } }), 0)
    }
    // Two of a position may have one time, and then only the order in which they come ranks them.
    const isRanked = frame.topic !== 'position'
    const slow = isRanked && this.#hit(rates.slowNotice, 'notice overtaken')
    const afterMs = slow ? dice.between(1, 2_500) : 0
    const isCounted = frame.topic === 'order' || frame.topic === 'fill'
    const text =
      isCounted && this.#hit(rates.badNumber, 'number that is none')
        ? JSON.stringify(frame).replace(/"(price|quantity)":[^,}]+/, `"$1":${dice.pick(noNumbers)}`)
        : JSON.stringify(frame)
    emit(text, afterMs)
    if (isRanked && this.#hit(rates.repeatNotice, 'notice twice')) emit(text, afterMs + dice.between(0, 1_500))
    if (frame.topic === 'order' && frame.data?.symbol === symbol) {
      const old = this.#earlier.find(
        ({ token, data }) => token === frame.token && data.order_no === frame.data.order_no,
      )
      if (old !== undefined && this.#hit(rates.oldNotice, 'older notice after a newer')) emit(JSON.stringify(old), 1)
      this.#earlier.push(frame)
      if (this.#earlier.length > 50) this.#earlier.shift()
    }
  }

  #garbage(token: string | undefined, emit: Emit): void {
    const of = token ?? 'nobody'
    const kind = this.#dice.pick([
      'frame that is none',
      'name that every object has',
      'unknown op or topic',
      'reply to nothing',
    ] as const)
    this.#hits.count(kind)
    emit(this.#dice.pick<Message>(garbage[kind](of)), 0)
  }
}
