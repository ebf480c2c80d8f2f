import type { Message } from '../../src/transport/index.js'
import type { Dice } from './dice.js'
import type { Hits } from './hits.js'
import { type Frame, parsed } from './quirks.js'
import { refusalTexts } from './refusal-texts.js'

/** Faults of servers that were found after the quirks, with dice of their own: the runs of older seeds stay what they are. */
export interface ServerFaultRates {
  /** Share of replies to place_order that become a refusal in words of every kind. */
  readonly refusalWords: number
  /** FILLED and CANCELED are never told: only fills, replies to cancels and lists of open orders show them. */
  readonly silentEnds: boolean
  /** Share of notices in whose place comes a frame that is no JSON, or names no login. */
  readonly noJson: number
  /** Share of notices that are followed by a burst of undecodable ones. */
  readonly storm: number
}

export const noServerFaults: ServerFaultRates = { refusalWords: 0, silentEnds: false, noJson: 0, storm: 0 }

/** Clients read what is shorter than 512 characters however deep it is. */
const deep = `${'['.repeat(256)}${']'.repeat(256)}`

const withField = (text: string, field: string): string => text.replace('"data":{', `"data":{${field},`)

/** A notice as servers really spoil it. */
const spoilers: readonly ((text: string) => Message)[] = [
  // Python's json module writes these.
  (text) => withField(text, '"fee":NaN'),
  (text) => withField(text, '"fee":-Infinity'),
  (text) => `${text}${text}`,
  (text) => `${text}\n{"op":"pong","ts":1}`,
  (text) => `[${text}]`,
  (text) => `\ufeff${text}`,
  (text) => new TextEncoder().encode(text),
  (text) => withField(text, `"deep":${deep}`),
  (text) => text.replace(/"token":"[^"]*"/, '"token":7'),
  (text) => text.replace(/"topic":"[^"]*",?/, ''),
  (text) => text.slice(0, -2),
]

const stormSizes = [20, 100] as const
/** Some storms last. */
const stormMs = 2_500

/** Stands between a gateway with manners and its {@link Quirks}. */
export class ServerFaults {
  readonly #dice: Dice
  /** A fork of its own: the runs of older seeds stay what they are. */
  readonly #doubtDice: Dice
  readonly #hits: Hits
  readonly #rates: () => ServerFaultRates
  readonly #symbols: readonly string[]
  /** Frames in which a notice was lost, and the token of the login that it was for. */
  readonly #unreadable = new Map<Message, string>()
  readonly #storms = new Set<Message>()
  #storm = 0

  constructor(dice: Dice, hits: Hits, rates: () => ServerFaultRates, symbols: readonly string[]) {
    this.#dice = dice
    this.#doubtDice = dice.fork('doubt')
    this.#hits = hits
    this.#rates = rates
    this.#symbols = symbols
  }

  /** Token of the login whose notice is lost in this frame. */
  loginOf(message: Message): string | undefined {
    return this.#unreadable.get(message)
  }

  /** True for the first frame of a storm. */
  beginsStorm(message: Message): boolean {
    return this.#storms.has(message)
  }

  /** Frame that is passed on to the quirks; undefined if none is. */
  pass(text: string, emit: (message: Message, afterMs: number) => void): string | undefined {
    const rates = this.#rates()
    if (rates === noServerFaults) return text
    const frame = parsed(text)
    if (frame?.op === 'place_order') return this.#reply(frame, text, rates)
    if (frame?.op !== 'notify' || typeof frame.token !== 'string') return text
    const status = (frame.data as Frame | null)?.status
    if (rates.silentEnds && frame.topic === 'order' && (status === 'FILLED' || status === 'CANCELED')) {
      this.#hits.count('end of an order never told')
      return undefined
    }
    if (this.#dice.chance(rates.storm)) this.#blow(frame.token, emit)
    if (!this.#dice.chance(rates.noJson)) return text
    this.#hits.count('notice that is no JSON')
    const spoilt = this.#dice.pick(spoilers)(text)
    this.#unreadable.set(spoilt, frame.token)
    emit(spoilt, 0)
    return undefined
  }

  #reply(frame: Frame, text: string, { refusalWords }: ServerFaultRates): string {
    const dice = this.#dice
    if (frame.unknown === true && refusalWords > 0 && this.#doubtDice.chance(0.5)) {
      this.#hits.count('unknown outcome in business words')
      return JSON.stringify({ ...frame, error_message: this.#doubtDice.pick(refusalTexts.business) })
    }
    // A void token has to be told in its own words, and an outcome that is said to be unknown is no refusal.
    if (frame.unknown === true || frame.error_message === 'Invalid token' || !dice.chance(refusalWords)) return text
    const { order_no: _order_no, unknown: _unknown, ...rest } = frame
    // No server names a business reason for an order that it has made.
    const kind =
      frame.result === true
        ? dice.pick(['transport', 'unrecognised'] as const)
        : dice.pick(['transport', 'unrecognised', 'business', 'business'] as const)
    this.#hits.count(`refusal in ${kind} words`)
    return JSON.stringify({ ...rest, result: false, error_message: dice.pick(refusalTexts[kind]) })
  }

  /** It arrives all at once, or over some time. */
  #blow(token: string, emit: (message: Message, afterMs: number) => void): void {
    const dice = this.#dice
    this.#hits.count('storm of undecodable notices')
    const storm = ++this.#storm
    const size = dice.int(...stormSizes)
    const pauseMs = dice.chance(0.3) ? stormMs / size : 0
    for (let n = size; n > 0; n--) {
      const topic = dice.pick(['order', 'fill'] as const)
      const data = { symbol: dice.pick(this.#symbols), order_no: `storm-${storm}-${n}`, price: 'x' }
      const text = JSON.stringify({ op: 'notify', topic, token, data })
      if (this.#storms.size < storm) this.#storms.add(text)
      emit(text, (size - n) * pauseMs)
    }
  }
}
