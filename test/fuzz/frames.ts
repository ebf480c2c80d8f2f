import type { Dice } from '../simulation/dice.js'
import { hostileName, hostileNumber, hostileValue } from './hostile.js'

/** What a fuzzing client has learnt, so that its frames reach as deep as an honest one's. */
export interface Knowledge {
  readonly tokens: readonly string[]
  readonly orders: readonly string[]
  readonly cids: readonly string[]
  /** In ms since 1970. */
  readonly now: number
}

/** A field of a frame: its key, and its value as it stands in JSON. Not an object, in which no key can stand twice. */
type Field = readonly [key: string, json: string]

export const platforms = ['huobi', 'okex', 'huobi_future'] as const
export const symbols = ['BTC/USDT', 'ETH/USDT'] as const
/** Few: each key that is new is a new account for ever. */
export const accessKeys = Array.from({ length: 24 }, (_, i) => `access-key-of-the-fuzzer-${i}`)

const requests = {
  ping: 4,
  login: 3,
  place_order: 30,
  cancel_order: 8,
  open_orders: 4,
  asset: 4,
  position: 3,
  symbol_info: 3,
  logout: 1,
} as const

const text = (value: string): string => JSON.stringify(value)
const list = (values: readonly string[]): string => JSON.stringify(values)

/** A frame that is right, and where it can be one that matters: its token is held, its orders exist. */
const rightFields = (dice: Dice, { tokens, orders, cids, now }: Knowledge): Field[] => {
  const op = dice.weighted(requests)
  const field = (key: string, value: string): Field => [key, text(value)]
  if (op === 'ping') return [field('op', op), ['ts', String(dice.int(0, 2e12))]]
  const cid: Field[] = dice.chance(0.1)
    ? []
    : [field('cid', dice.chance(0.1) && cids.length > 0 ? dice.pick(cids) : `c-${dice.int(0, 1e9)}`)]
  if (op === 'login') {
    const market = dice.chance(0.3) ? [['market', list(['trade', 'ticker', 'orderbook', 'kline'])] as const] : []
    const cancel = dice.chance(0.2) ? [['cancel_on_disconnect', 'true'] as const] : []
    const resume = dice.chance(0.2) ? [['resume', String(dice.int(0, 2e15))] as const] : []
    return [
      ...[field('op', op), ...cid, field('platform', dice.pick(platforms)), ['symbols', list(symbols)] as const],
      ...[field('access_key', dice.pick(accessKeys)), field('secret_key', 'secret-key-of-the-fuzzer')],
      ...[...market, ...cancel, ...resume],
    ]
  }
  const token = field('token', tokens.length > 0 && !dice.chance(0.02) ? dice.pick(tokens) : 'no-token-of-ours')
  const symbol = field('symbol', dice.pick(symbols))
  const common = [field('op', op), ...cid, token]
  switch (op) {
    case 'place_order': {
      const type = dice.weighted({ LIMIT: 6, MARKET: 1, IOC: 2 })
      const price = type === 'MARKET' ? '0' : (100 + dice.int(-5, 5)).toString()
      const until = dice.chance(0.1) ? [['valid_until', String(now + dice.int(-100, 10_000))] as const] : []
      const quantity = dice.pick(['0.1', '0.5', '1', '1', '2', '2', '3', '-1', '100'])
      return [
        ...[...common, symbol, field('action', dice.pick(['BUY', 'SELL'])), ['price', price] as const],
        ...[['quantity', quantity] as const, field('order_type', type), ...until],
      ]
    }
    case 'cancel_order': {
      const some = Array.from({ length: dice.int(0, 3) }, () => (orders.length > 0 ? dice.pick(orders) : '1'))
      return [...common, symbol, ['order_nos', list(some)]]
    }
    case 'asset':
    case 'logout':
      return common
    default:
      return [...common, symbol]
  }
}

const mutated = (dice: Dice, fields: readonly Field[]): Field[] => {
  const at = dice.int(0, fields.length - 1)
  const chosen = fields[at]
  if (chosen === undefined) return [[hostileName(dice), hostileValue(dice)]]
  const [key, json] = chosen
  const put = (...instead: Field[]): Field[] => fields.toSpliced(at, 1, ...instead)
  switch (dice.int(0, 9)) {
    case 0:
      return put()
    case 1:
      return put([key, json], [key, hostileValue(dice)])
    case 2:
      return put([key, hostileValue(dice)], [key, json])
    case 3:
      return put([hostileName(dice), json])
    case 4:
      return put([key, json], [hostileName(dice), hostileValue(dice)])
    case 5:
      return put([key, text(hostileName(dice))])
    case 6:
      return put([key, json], ['__proto__', `{${text(key)}:${json},"polluted":1}`])
    case 7:
      return put([key, /^-?\d/.test(json) ? hostileNumber(dice) : list([hostileName(dice), hostileName(dice)])])
    case 8:
      return put([key, `[${json}]`])
    default:
      return put([key, hostileValue(dice)])
  }
}

const garbled = (dice: Dice, whole: string): string => {
  const at = dice.int(0, whole.length)
  switch (dice.int(0, 7)) {
    case 0:
      return whole.slice(0, at)
    case 1:
      return (
        whole.slice(0, at) +
        dice.pick(['"', '{', '}', '[', ']', ',', ':', '\\', '\u0000', '\uD800', '\\ud800', '\\u']) +
        whole.slice(at)
      )
    case 2:
      return whole.slice(0, at) + whole.slice(at + dice.int(1, 4))
    case 3:
      return `\uFEFF${whole}`
    case 4:
      return whole + whole
    case 5:
      return `[${whole}]`
    case 6:
      return whole.replaceAll(',', dice.pick([',,', ' , ', ',\n\t', ';']))
    default:
      return `${' '.repeat(dice.int(1, 5_000))}${whole}`
  }
}

const bytes = (dice: Dice): Uint8Array => Uint8Array.from({ length: dice.int(0, 200) }, () => dice.int(0, 255))

/** One frame: half of them right, the others spoilt once or a few times, in their fields or as a text. */
export const nextFrame = (dice: Dice, knowledge: Knowledge): string | Uint8Array => {
  if (dice.chance(0.005)) return bytes(dice)
  let fields = rightFields(dice, knowledge)
  const isRight = dice.chance(0.5)
  if (!isRight) for (let times = dice.int(1, 3); times > 0; times--) fields = mutated(dice, fields)
  const whole = `{${fields.map(([key, json]) => `${text(key)}:${json}`).join(',')}}`
  return !isRight && dice.chance(0.2) ? garbled(dice, whole) : whole
}
