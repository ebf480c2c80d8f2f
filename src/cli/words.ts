import { inspect } from 'node:util'
import type { Status } from '../client/index.js'
import type { Fill, Order } from '../protocol/index.js'
import type { RunEvent } from './run-event.js'

/** What a line is about: it gives the line its colour. */
export type Kind = 'state' | 'buy' | 'sell' | 'order' | 'trouble' | 'said' | 'note'

export interface Line {
  readonly platform: string
  readonly kind: Kind
  readonly text: string
}

/** A number for people: thousands apart, and no more decimals than it takes. */
export const number = (value: number, decimals = 8): string =>
  // A minus of its own width lets columns stand; -0 is 0.
  (value === 0 ? 0 : value).toLocaleString('en', { maximumFractionDigits: decimals }).replace('-', '−')

/** An amount of money: two decimals. */
export const money = (value: number): string => {
  const rounded = Math.round(value * 100) / 100
  return (rounded === 0 ? 0 : rounded)
    .toLocaleString('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 })
    .replace('-', '−')
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
      return `connection lost (${status.cause.error.message}); next try in ${number(status.retryInMs / 1000, 1)} s`
    case 'Closed':
      return 'closed'
  }
}

const orderInWords = ({ action, quantity, symbol, price, order_type, status, remain }: Order): string => {
  const terms = order_type === 'MARKET' || price === null || price === 0 ? 'at the market' : `at ${number(price)}`
  const left = status === 'PARTIAL-FILLED' || (status === 'CANCELED' && remain > 0 && remain < quantity)
  return `${action.toLowerCase()} ${number(quantity)} ${symbol} ${terms}  ${order_type} ${status}${left ? ` (${number(remain)} left)` : ''}`
}

const fillInWords = ({ side, quantity, symbol, price, liquidity }: Fill): string =>
  `${side === 'BUY' ? 'bought' : 'sold'} ${number(quantity)} ${symbol} at ${number(price)}${liquidity === null ? '' : `  ${liquidity.toLowerCase()}`}`

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
    if (typeof words === 'string') return [{ platform: '', kind: 'trouble', text: words }]
  }
  const text = typeof value === 'string' ? value : inspect(value, { breakLength: Infinity, depth: 3 })
  return [{ platform: '', kind: 'said', text: text.replaceAll(/\s+/g, ' ') }]
}

/** What an event is worth telling, if anything. */
export function linesOf(before: { readonly status: Status }, event: RunEvent): readonly Line[] {
  const of = (kind: Kind, text: string): Line[] => [{ platform: 'platform' in event ? event.platform : '', kind, text }]
  switch (event.type) {
    case 'status':
      if (event.status._tag === 'Lost') return of('trouble', statusInWords(event.status))
      return event.status._tag === 'Connected' && before.status._tag !== 'Connected' ? of('state', 'connected') : []
    case 'said':
      return saidInWords(event.value)
    case 'note':
      return of('note', event.text)
    case 'state':
      return of('state', `${event.state.name}${event.state.msg === '' ? '' : `: ${event.state.msg}`}`)
    case 'order':
      return of('order', orderInWords(event.order))
    case 'fill':
      return of(event.fill.side === 'BUY' ? 'buy' : 'sell', fillInWords(event.fill))
    case 'failed':
      return of('trouble', event.error.message)
    default:
      return []
  }
}
