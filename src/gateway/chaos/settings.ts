import * as t from 'io-ts'
import { allowed, atLeast, below, listOf, ListOrOne, oneOf, Share } from './setting-codecs.js'

const requestOps = ['place_order', 'cancel_order', 'open_orders', 'asset', 'position', 'symbol_info'] as const
const Command = oneOf(...requestOps)
const Request = oneOf(...requestOps, 'login', 'logout', 'ping')
const ReplyOp = oneOf(...requestOps, 'login', 'logout', 'pong')
const Topic = oneOf('order', 'fill', 'position', 'asset', 'trade', 'ticker', 'orderbook', 'kline')
const Ms = atLeast(0, 'a number of ms from 0 on')

/**
 * Occasion of a quirk among the frames that it fits: at most one of these; without any, every
 * frame.
 */
const occasion = {
  /** By chance, in this share of them. */
  rate: Share,
  /** At these of them, counted from 1. */
  nth: ListOrOne(atLeast(1, 'a whole number from 1 on', Number.isInteger)),
  /**
   * At the first of them from this time on, in ms since the gateway began; once for each time in a
   * list.
   */
  atMs: ListOrOne(Ms),
}

/** The quirks and their settings beside the occasion. */
const quirks = {
  /**
   * A reply is not sent. `op`: of these requests only; without it of all but `login`, `logout` and
   * `ping`, as below.
   */
  'reply-lost': { op: ListOrOne(ReplyOp) },
  /** A reply comes `afterMs` later (12,000): after a client has given up, or after others. */
  'reply-late': { op: ListOrOne(ReplyOp), afterMs: Ms },
  /** A reply comes once more, `afterMs` later (0). */
  'reply-twice': { op: ListOrOne(ReplyOp), afterMs: Ms },
  /** A reply comes behind the next frame, or `withinMs` later (1,000). */
  'reply-overtaken': { op: ListOrOne(ReplyOp), withinMs: Ms },
  /** `result: false` to a place_order whose order exists, in these words (`""`). */
  'reply-unsure': { words: t.string },
  /** The successful cancel of exactly one order gets no reply. */
  'cancel-silent': {},
  /** A request never arrives. */
  'request-lost': { op: ListOrOne(Request) },
  /** A request is answered `Invalid token` and not carried out. */
  'token-invalid': { op: ListOrOne(Command) },
  /**
   * As with replies. `topic`: of these only; without it of `order`, `fill`, `position` and `asset`.
   */
  'notice-lost': { topic: ListOrOne(Topic) },
  'notice-late': { topic: ListOrOne(Topic), afterMs: Ms },
  'notice-twice': { topic: ListOrOne(Topic), afterMs: Ms },
  'notice-overtaken': { topic: ListOrOne(Topic), withinMs: Ms },
  /** An order notice is followed by an older one of the same order. */
  'notice-old': {},
  /** FILLED comes after a CANCELED of the same order. */
  'canceled-first': {},
  /** An asset notice holds one currency only, with locked and total 0. */
  'asset-hint': {},
  /**
   * null where the protocol's tables say number and deployed servers do not: limits, liquidation
   * prices, a MARKET order's price …
   */
  nulls: {},
  /** Zeros arrive as -0. */
  'negative-zeros': {},
  /** utime of open_orders is the creation time. */
  'open-orders-ctime': {},
  /** A state is followed by one of a code (8) that no document knows. */
  'state-unknown': { code: t.number },
  /** A frame is followed by one that cannot be read. */
  garbage: {},
  /**
   * No extensions but market data: no features, epoch, cid, seq, offset, unknown; those of a
   * request do nothing. Always, or never.
   */
  plain: {},
  /**
   * After a socket ends without a logout, its accounts are refused with `Do not log in repeat` for
   * `forMs` (20,000).
   */
  'repeat-login': { forMs: Ms },
  /** Instead of a frame the connection ends, without a word. `op` and `topic`: of these only. */
  'connection-cut': { op: ListOrOne(ReplyOp), topic: ListOrOne(Topic) },
  /**
   * From a frame on nothing comes through for `forMs` (without end), the socket stays open;
   * `direction` `in`, `out` or `both` (`both`).
   */
  'connection-mute': { forMs: Ms, direction: oneOf('in', 'out', 'both') },
  /**
   * The exchange is lost behind an open socket: states 4, `forMs` later (5,000) 5, 3 for each of
   * `failures` (0), then 2, snapshots, 6. Its occasions are the commands; the fate of the one that
   * it strikes is unknown. `atMs` needs none.
   */
  'exchange-outage': { platform: t.string, forMs: Ms, failures: below(100, 'a whole number from 0 to 99') },
} satisfies Record<string, t.Props>

export type ChaosFaultName = keyof typeof quirks
/** Occasion of a fault: at most one of `rate`, `nth` and `atMs`. */
export type FaultTrigger = Partial<{ readonly [Field in keyof typeof occasion]: t.TypeOf<(typeof occasion)[Field]> }>

/** One quirk, what it strikes, and when. */
export type ChaosFault<Name extends ChaosFaultName = ChaosFaultName> = Name extends ChaosFaultName
  ? { readonly quirk: Name } & FaultTrigger & {
        readonly [Field in keyof (typeof quirks)[Name]]?: (typeof quirks)[Name][Field] extends t.Any
          ? t.TypeOf<(typeof quirks)[Name][Field]>
          : never
      }
  : never

/** Faults that a gateway injects. Quirks apply in order, each to the result of those before it. */
export interface ChaosOptions {
  /** The same seed and the same frames give the same faults. @default 1 */
  readonly seed?: number
  readonly quirks: readonly ChaosFault[]
}

export const quirkNames = Object.keys(quirks) as readonly ChaosFaultName[]

const always = new Set<ChaosFaultName>(['plain'])
const byName: ReadonlyMap<string, t.Type<unknown>> = new Map(
  quirkNames.map((name) => {
    const fields = { quirk: t.string, ...(always.has(name) ? {} : occasion), ...quirks[name] }
    return [name, allowed(name, fields, always.has(name) ? [] : Object.keys(occasion))]
  }),
)

const QuirkCodec: t.Type<ChaosFault, unknown> = new t.Type<ChaosFault, unknown>(
  `a quirk, one of ${quirkNames.join(', ')}`,
  (value): value is ChaosFault => QuirkCodec.decode(value)._tag === 'Right',
  (value, context) => {
    const name: unknown = typeof value === 'object' && value !== null && 'quirk' in value ? value.quirk : value
    const codec = typeof name === 'string' ? byName.get(name) : undefined
    if (codec === undefined) {
      const isObject = typeof value === 'object' && value !== null
      return t.failure(name, isObject ? t.appendContext(context, 'quirk', QuirkCodec, name) : context)
    }
    return codec.validate(value, context) as t.Validation<ChaosFault>
  },
  (quirk) => quirk,
)

export const ChaosOptions: t.Type<ChaosOptions, unknown> = allowed(
  'an object with seed and quirks',
  { seed: atLeast(-Infinity, 'a whole number', Number.isSafeInteger), quirks: listOf(QuirkCodec) },
  [],
  ['quirks'],
) as unknown as t.Type<ChaosOptions, unknown>
