import {
  type ClientFrame,
  encodeFrame,
  type Feature,
  type OpenOrder,
  type Order,
  type PositionData,
  type Request,
  type ServerFrame,
  StateCode,
} from '../../protocol/index.js'
import { show } from '../compare/show.js'
import { suggestion } from '../notation/problem.js'
import { literal } from '../notation/literal.js'
import { readOrderText } from './order-text.js'

/** Context of a word of the server. */
export interface Speaking {
  /** Of the login that is spoken to. */
  readonly token: string
  /** Request that is answered; undefined in a lane by time. */
  readonly request: ClientFrame | undefined
  /** In ms since 1970. */
  readonly nowMs: number
  readonly symbol: string
  /** Orders that were spoken of, by order_no: `order(o1, FILLED)` need not say again what o1 is. */
  readonly orders: Map<string, Order>
  /** Counts fills, for those that have no number of their own. */
  nextFill(): number
}

type Word = (args: readonly unknown[], to: Speaking) => ServerFrame

const texts = (args: readonly unknown[]): string => args.map(String).join(', ')

const state =
  (code: number): Word =>
  (args, { token }) => ({ op: 'state', token, code, msg: texts(args) })

const requestOf = (to: Speaking, ...ops: readonly Request['op'][]): Request => {
  const { request } = to
  if (request !== undefined && request.op !== 'ping' && (ops.length === 0 || ops.includes(request.op))) return request
  throw new TypeError(`answers ${ops.length === 0 ? 'a request' : ops.join(' or ')}: it belongs into a lane "… →"`)
}

const replyTo = (request: Request) => ({
  op: request.op,
  ...(request.cid === undefined ? {} : { cid: request.cid }),
  result: true as const,
  error_message: '',
})

const notify = (topic: string, data: unknown, { token }: Speaking): ServerFrame => ({
  op: 'notify',
  topic,
  token,
  data,
})

/** `remain 0` is a field and its value. */
const fieldOf = (arg: unknown, names: readonly string[]): readonly [string, unknown] | undefined => {
  const [, name, value] = typeof arg === 'string' ? (/^([a-z_]+)\s+(.+)$/.exec(arg) ?? []) : []
  return name !== undefined && value !== undefined && names.includes(name) ? [name, literal(value)] : undefined
}

const orderFields = ['symbol', 'remain', 'status', 'order_type', 'ctime', 'wall_ctime', 'utime', 'cid', 'seq', 'offset']
const fillFields = ['symbol', 'liquidity', 'ctime', 'seq', 'offset']
const statuses = ['NONE', 'SUBMITTED', 'PARTIAL-FILLED', 'FILLED', 'CANCELED', 'FAILED']

/**
 * An order out of `o1, BUY 2 @ 101.5, FILLED, remain 0`; what is not said is as it was said before.
 */
const orderOf = (args: readonly unknown[], to: Speaking): Order => {
  const [first, ...rest] = args
  const order_no = String(first)
  const before = to.orders.get(order_no)
  let order: Order = before ?? {
    symbol: to.symbol,
    order_no,
    action: 'BUY',
    price: 0,
    quantity: 0,
    remain: 0,
    status: 'SUBMITTED',
    order_type: 'LIMIT',
    ctime: to.nowMs,
    utime: to.nowMs,
  }
  let told = before !== undefined
  let remain: number | undefined
  let utime = to.nowMs
  for (const arg of rest) {
    const text = readOrderText(arg)
    const named = fieldOf(arg, orderFields)
    if (text !== undefined) {
      told = true
      const { action = order.action, quantity, price, type } = text
      order = {
        ...order,
        action,
        quantity,
        price,
        order_type: type,
        ...(before === undefined ? { remain: quantity } : {}),
      }
    } else if (typeof arg === 'string' && statuses.includes(arg)) order = { ...order, status: arg }
    else if (named?.[0] === 'remain') remain = Number(named[1])
    else if (named?.[0] === 'utime') utime = named[1] as number
    else if (named !== undefined) order = { ...order, [named[0]]: named[1] }
    else
      throw new TypeError(
        `"${String(arg)}" says nothing about an order; write "BUY 2 @ 101.5", a status, or a field and its value`,
      )
  }
  if (!told) throw new TypeError(`nothing is known of ${order_no} yet: say what it is, as "BUY 2 @ 101.5"`)
  order = { ...order, remain: remain ?? (order.status === 'FILLED' ? 0 : order.remain), utime }
  to.orders.set(order_no, order)
  return order
}

const pairOf = (arg: unknown): readonly [string, number, number] => {
  const match = typeof arg === 'string' ? /^(\S+)\s+(-?[\d.]+)(?:\s*\/\s*([\d.]+))?$/.exec(arg) : null
  if (match === null)
    throw new TypeError(`"${String(arg)}" is no balance; write "USDT 1000", or "USDT 1000/50" with what is locked`)
  return [match[1] ?? '', Number(match[2]), Number(match[3] ?? 0)]
}

const assetsOf = (args: readonly unknown[]) =>
  Object.fromEntries(args.map(pairOf).map(([name, free, locked]) => [name, { free, locked, total: free + locked }]))

const positionOf = (args: readonly unknown[], to: Speaking): PositionData => {
  const side = (name: 'long' | 'short') => {
    const arg = args.find((each) => typeof each === 'string' && each.startsWith(`${name} `))
    const order = readOrderText(typeof arg === 'string' ? arg.slice(name.length + 1) : undefined)
    const { quantity = 0, price = 0 } = order ?? {}
    return {
      [`${name}_quantity`]: quantity,
      [`${name}_avail_qty`]: quantity,
      [`${name}_open_price`]: price,
      [`${name}_hold_price`]: price,
      [`${name}_liquid_price`]: null,
      [`${name}_unrealised_pnl`]: 0,
      [`${name}_leverage`]: 1,
      [`${name}_margin`]: 0,
    }
  }
  return { margin_mode: 'crossed', ...side('long'), ...side('short'), utime: to.nowMs } as PositionData
}

const withoutSymbol = ({ symbol: _, ...order }: Order): OpenOrder => order

const fields = (args: readonly unknown[]): Record<string, unknown> =>
  Object.fromEntries(
    args.map((arg) => {
      const [, key = String(arg), value = ''] = typeof arg === 'string' ? (/^(\w+)\s+(.+)$/.exec(arg) ?? []) : []
      return [key, literal(value)]
    }),
  )

/** A Map: a lane may say `constructor`. */
const words = new Map<string, Word>(
  Object.entries({
    ok: (args, to) => {
      const request = requestOf(to, 'login', 'logout')
      if (request.op === 'logout') return { ...replyTo(request), op: 'logout' }
      const features = args as Feature[]
      const more = features.length === 0 ? {} : { features, epoch: 'epoch-1', seq: 0 }
      return { ...replyTo(request), op: 'login', token: to.token, ...more }
    },
    placed: (args, to) => {
      const request = requestOf(to, 'place_order')
      const order_no = texts(args)
      if (order_no === '') throw new TypeError('needs an order_no, as in placed(o1)')
      if (request.op === 'place_order') {
        const { action, quantity, price, order_type, symbol } = request
        const at = { ctime: to.nowMs, utime: to.nowMs }
        const unsigned = Math.abs(quantity)
        to.orders.set(order_no, {
          ...{ symbol, order_no, action, price, quantity: unsigned, remain: unsigned, status: 'SUBMITTED', order_type },
          ...at,
        })
      }
      return { ...replyTo(request), op: 'place_order', order_no }
    },
    cancelled: (args, to) => ({
      ...replyTo(requestOf(to, 'cancel_order')),
      op: 'cancel_order',
      data: args.map((no) => ({ order_no: String(no), result: true, error_message: '' })),
    }),
    orders: (args, to) => ({
      ...replyTo(requestOf(to, 'open_orders')),
      op: 'open_orders',
      data: args.map((arg) => {
        const [, no = '', rest = ''] = /^(\S+)\s+(.+)$/.exec(String(arg)) ?? []
        return withoutSymbol(orderOf([no, rest], to))
      }),
    }),
    info: (args, to) => ({
      ...replyTo(requestOf(to, 'symbol_info')),
      op: 'symbol_info',
      data: {
        ...{ price_tick: 0.1, size_tick: 0.001, size_limit: 0.001, value_tick: null, value_limit: null },
        ...{ base_currency: 'BTC', quote_currency: 'USDT', settlement_currency: 'USDT' },
        ...fields(args),
      },
    }),
    assets: (args, to) =>
      to.request?.op === 'asset'
        ? { ...replyTo(to.request), op: 'asset', data: assetsOf(args) }
        : notify('asset', assetsOf(args), to),
    holds: (args, to) =>
      to.request?.op === 'position'
        ? { ...replyTo(to.request), op: 'position', data: positionOf(args, to) }
        : notify('position', { symbol: to.symbol, ...positionOf(args, to) }, to),
    refused: (args, to) => {
      const request = requestOf(to)
      const { op, cid } = replyTo(request) as { op: Request['op']; cid?: string }
      return { op, ...(cid === undefined ? {} : { cid }), result: false, error_message: texts(args) }
    },
    unsure: (args, to) => {
      const request = requestOf(to)
      const cid = request.cid === undefined ? {} : { cid: request.cid }
      return { op: request.op, ...cid, result: false, error_message: texts(args), unknown: true }
    },
    param_miss: state(StateCode.PARAM_MISS),
    connected: state(StateCode.CONNECT_SUCCESS),
    failed: state(StateCode.CONNECT_FAILED),
    disconnected: state(StateCode.DISCONNECT),
    reconnecting: state(StateCode.RECONNECTING),
    ready: state(StateCode.READY),
    trouble: state(StateCode.GENERAL_ERROR),
    state: (args, to) => state(Number(args[0]))(args.slice(1), to),
    order: (args, to) => notify('order', orderOf(args, to), to),
    fill: (args, to) => {
      const [first, traded, ...rest] = args
      const order_no = String(first)
      const known = to.orders.get(order_no)
      const text = readOrderText(traded)
      if (text === undefined) throw new TypeError(`"${String(traded)}" is no trade; write "BUY 2 @ 101.5"`)
      const side = text.action ?? known?.action
      if (side === undefined) throw new TypeError(`nothing is known of ${order_no} yet: say whether it buys or sells`)
      if (known !== undefined) to.orders.set(order_no, { ...known, remain: Math.max(0, known.remain - text.quantity) })
      const fields: Record<string, unknown> = {}
      for (const arg of rest) {
        const named = fieldOf(arg, fillFields)
        if (named !== undefined) fields[named[0]] = named[1]
        else if (typeof arg === 'string' && /^\S+$/.test(arg)) fields.fill_no = arg
        else throw new TypeError(`"${show(arg)}" says nothing about a fill; write its number, or a field and its value`)
      }
      const fill_no = fields.fill_no ?? `f${to.nextFill()}`
      const { price, quantity } = text
      const symbol = known?.symbol ?? to.symbol
      const data = { symbol, order_no, fill_no, price, quantity, side, liquidity: 'TAKER', ctime: to.nowMs, ...fields }
      return notify('fill', data, to)
    },
    trade: (args, to) => {
      const text = readOrderText(args[0])
      if (text === undefined) throw new TypeError(`"${String(args[0])}" is no trade; write "BUY 2 @ 101.5"`)
      const { action = 'BUY', price, quantity } = text
      return notify('trade', { symbol: to.symbol, action, price, quantity, timestamp: to.nowMs }, to)
    },
    ticker: (args, to) => {
      const { bid = 0, ask = 0, last = 0 } = fields(args)
      return notify('ticker', { symbol: to.symbol, bid, ask, last, timestamp: to.nowMs }, to)
    },
    pong: (_args, to) => ({ op: 'pong', ts: to.request?.op === 'ping' ? to.request.ts : to.nowMs }),
    complaint: (args) => ({ op: 'error', error_message: texts(args) }),
  } satisfies Record<string, Word>),
)

/** Words that are no frame: what is sent as it stands, and what the server does. */
const otherWords = ['raw', 'deaf']

export const serverWords: readonly string[] = [...words.keys(), ...otherWords]

/** `okx:ready` speaks to the login of the platform okx. */
export const splitPlatform = (name: string): readonly [platform: string | undefined, word: string] => {
  const at = name.lastIndexOf(':')
  return at < 0 ? [undefined, name] : [name.slice(0, at), name.slice(at + 1)]
}

/**
 * The text of the frame that a word stands for, by the real codecs; throws in words where it stands
 * for none.
 */
export const speak = (name: string, args: readonly unknown[], to: Speaking): string => {
  const [, word] = splitPlatform(name)
  if (word === 'raw') {
    const [frame] = args
    if (typeof frame !== 'object' || frame === null) return String(frame)
    // Of the run, not of the day on which it was recorded.
    const own: Record<string, unknown> = {}
    if ('token' in frame) own.token = to.token
    if ('cid' in frame && to.request !== undefined && 'cid' in to.request) own.cid = to.request.cid
    return JSON.stringify({ ...frame, ...own })
  }
  const made = words.get(word)
  if (made === undefined) throw new TypeError(`no server says "${word}"${suggestion(word, serverWords)}`)
  return encodeFrame(made(args, to))
}
