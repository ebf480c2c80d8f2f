import { inspect } from 'node:util'
import type { Gap, Status } from '../client/index.js'
import type { Fill, Order } from '../protocol/index.js'
import type { RunEvent } from './run-event.js'
import { harmless } from './text.js'

/** What a line is about: it gives the line its colour. */
export type Kind = 'state' | 'buy' | 'sell' | 'order' | 'trouble' | 'said' | 'note'

export interface Line {
  readonly platform: string
  readonly kind: Kind
  readonly text: string
}

const formats = new Map<string, Intl.NumberFormat>()
/** One for each number of decimals: to make one takes longer than to use it a hundred times. */
const formatted = (value: number, least: number, most: number): string => {
  const key = `${least} ${most}`
  const format =
    formats.get(key) ?? new Intl.NumberFormat('en', { minimumFractionDigits: least, maximumFractionDigits: most })
  formats.set(key, format)
  const text = format.format(value)
  // A minus of a digit's width lets columns stand; and -0 is 0.
  return /[1-9∞N]/.test(text) ? text.replace('-', '−') : text.replace('-', '')
}

/** A number for people: thousands apart, and no more decimals than it takes. */
export const number = (value: number, decimals = 8): string => formatted(value, 0, decimals)

/** So many of something. */
export const counted = (count: number, what: string): string => `${number(count)} ${what}${count === 1 ? '' : 's'}`

/** An amount of money: two decimals. */
export const money = (value: number): string => formatted(value, 2, 2)

/** A price with as many decimals as its tick has: prices below each other line up. */
export const price = (value: number, tick: number | undefined): string => {
  if (tick === undefined || !(tick > 0)) return number(value)
  const decimals = Math.min(12, Math.max(0, Math.ceil(-Math.log10(tick) - 1e-9)))
  return formatted(value, decimals, decimals)
}

/** An amount of money that was won or lost. */
export const signed = (value: number): string => {
  const text = money(value)
  return text.startsWith('−') || text === '0.00' ? text : `+${text}`
}

export const statusInWords = (status: Status): string => {
  switch (status._tag) {
    case 'Idle':
      return 'not connected'
    case 'Connecting':
      return status.attempt > 1 ? `connecting (attempt ${status.attempt})` : 'connecting'
    case 'Connected':
      return 'connected'
    case 'Lost':
      return `no connection: ${status.cause.error.message}; next try in ${number(status.retryInMs / 1000, 1)} s`
    case 'Closed':
      return 'closed'
  }
}

const orderInWords = ({ action, quantity, symbol, price, order_type, status, remain }: Order): string => {
  const terms = order_type === 'MARKET' || price === null || price === 0 ? 'at the market' : `at ${number(price)}`
  const left = status === 'PARTIAL-FILLED' || (status === 'CANCELED' && remain > 0 && remain < quantity)
  return `${action.toLowerCase()} ${number(quantity)} ${symbol} ${terms}  ${order_type} ${status}${left ? ` (${number(remain)} left)` : ''}`
}

const fillInWords = ({ side, quantity, symbol, price, liquidity, offset }: Fill): string =>
  [
    `${side === 'BUY' ? 'bought' : 'sold'} ${number(quantity)} ${symbol} at ${number(price)}`,
    offset === undefined ? '' : `, to ${offset}`,
    liquidity === null ? '' : `  ${liquidity.toLowerCase()}`,
  ].join('')

const gapInWords = ({ cause, from, to, recovered, gone, appeared, changed }: Gap): string => {
  const span = `${cause}: notices may have been missed for ${number((to - from) / 1000, 1)} s`
  if (recovered) return `${span}; the server has sent them all again`
  const found = [
    [gone.length, 'gone'],
    [appeared.length, 'new'],
    [changed.length, 'filled further'],
  ].flatMap(([count, what]) => (count === 0 ? [] : [`${count} ${what}`]))
  return found.length === 0 ? span : `${span}; open orders: ${found.join(', ')}`
}

/** What an account's own notices tell already. */
const toldAlready: ReadonlySet<unknown> = new Set(['Placed', 'Filled', 'Ended', 'Canceled', 'Done'])

interface Outcome {
  readonly _tag: string
  readonly words?: unknown
  readonly message?: unknown
}
const isOutcome = (value: unknown): value is Outcome =>
  typeof value === 'object' && value !== null && '_tag' in value && typeof value._tag === 'string'

const saidInWords = (value: unknown): Line[] => {
  if (isOutcome(value)) {
    if (toldAlready.has(value._tag)) return []
    const words = value.words ?? value.message
    if (typeof words === 'string') return [{ platform: '', kind: 'trouble', text: harmless(words) }]
  }
  const text = typeof value === 'string' ? value : inspect(value, { breakLength: Infinity, depth: 3 })
  return [{ platform: '', kind: 'said', text: harmless(text) }]
}

/** An order that is filled, or cannot rest, is told by its fills or by its end: to say that it was taken would only be noise. */
const isToldByFills = ({ status, order_type }: Order): boolean =>
  status === 'FILLED' || (order_type !== 'LIMIT' && (status === 'SUBMITTED' || status === 'PARTIAL-FILLED'))

/** What an event is worth telling, if anything. */
export function linesOf(before: { readonly status: Status }, event: RunEvent): readonly Line[] {
  const of = (kind: Kind, text: string): Line[] => [
    { platform: 'platform' in event ? event.platform : '', kind, text: harmless(text) },
  ]
  switch (event.type) {
    case 'status':
      if (event.status._tag === 'Lost') return of('trouble', statusInWords(event.status))
      return event.status._tag === 'Connected' && before.status._tag !== 'Connected' ? of('state', 'connected') : []
    case 'said':
      return saidInWords(event.value)
    case 'note':
      return of('note', event.text)
    case 'left':
      return of('note', 'logged out')
    case 'state':
      return of('state', `${event.state.name}${event.state.msg === '' ? '' : `: ${event.state.msg}`}`)
    case 'order':
      return isToldByFills(event.order) ? [] : of('order', orderInWords(event.order))
    case 'fill':
      return of(event.fill.side === 'BUY' ? 'buy' : 'sell', fillInWords(event.fill))
    case 'gap':
      return of('trouble', gapInWords(event.gap))
    case 'failed':
      return of('trouble', event.error.message)
    default:
      return []
  }
}
