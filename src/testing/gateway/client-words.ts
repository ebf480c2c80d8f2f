import type { ClientFrame, PlaceOrderRequest } from '../../protocol/index.js'
import { like } from '../compare/difference.js'
import { suggestion } from '../notation/problem.js'
import { literal } from '../notation/literal.js'
import { readOrderText, writeOrderText } from './order-text.js'

type Op = ClientFrame['op']

/** The words of a client's lane, by the op that each stands for. */
const words = {
  login: 'login',
  logout: 'logout',
  place: 'place_order',
  cancel: 'cancel_order',
  open_orders: 'open_orders',
  asset: 'asset',
  position: 'position',
  symbol_info: 'symbol_info',
  ping: 'ping',
} as const satisfies Record<string, Op>

export type ClientWord = keyof typeof words

export const clientWords = Object.keys(words) as readonly ClientWord[]

export const isClientWord = (name: string): name is ClientWord => Object.hasOwn(words, name)

const wordOf = new Map<Op, ClientWord>(clientWords.map((word) => [words[word], word]))

/**
 * The fields that the arguments of a word ask for; throws in words where an argument says nothing.
 */
const fieldsOf = (word: ClientWord, args: readonly unknown[]): Record<string, unknown> => {
  const fields: Record<string, unknown> = {}
  const orderNos: unknown[] = []
  for (const arg of args) {
    const order = word === 'place' ? readOrderText(arg) : undefined
    const [, key, rest] = typeof arg === 'string' ? (/^([a-z_]+)\s+(.+)$/.exec(arg) ?? []) : []
    if (order !== undefined) {
      Object.assign(fields, { quantity: order.quantity, price: order.price, order_type: order.type })
      if (order.action !== undefined) fields.action = order.action
    } else if (key !== undefined && rest !== undefined) fields[key] = literal(rest)
    else if (word === 'cancel') orderNos.push(arg)
    else if (word === 'login') fields.platform = arg
    else if (['open_orders', 'position', 'symbol_info'].includes(word)) fields.symbol = arg
    else
      throw new TypeError(
        `"${String(arg)}" says nothing about ${word}; write "BUY 2 @ 101.5", or a field and its value`,
      )
  }
  if (orderNos.length > 0) fields.order_nos = orderNos
  return fields
}

/** Conditions that a word sets for a frame: its op and the fields that the arguments name. */
export const expectFrame = (name: string, args: readonly unknown[] = []): unknown => {
  if (!isClientWord(name)) throw new TypeError(`no client says "${name}"${suggestion(name, clientWords)}`)
  return like(Object, { op: words[name], ...fieldsOf(name, args) })
}

const argumentsOf = (frame: ClientFrame): string => {
  switch (frame.op) {
    case 'place_order':
      return writeOrderText(frame satisfies PlaceOrderRequest)
    case 'cancel_order':
      return frame.order_nos.join(', ')
    case 'open_orders':
    case 'position':
    case 'symbol_info':
      return frame.symbol
    case 'login':
      return frame.platform
    default:
      return ''
  }
}

/** A frame as a lane would write it; with all that the word can tell of it. */
export const labelFrame = (frame: ClientFrame, args = true): string => {
  const word = wordOf.get(frame.op) ?? frame.op
  const told = args ? argumentsOf(frame) : ''
  return told === '' ? word : `${word}(${told})`
}
