import { inspect } from 'node:util'
import type { CommandError, Gap, Status } from '../../client/index.js'
import type { Fill, Order } from '../../protocol/index.js'
import type { RiskState } from '../../strategy/index.js'
import { type UnresolvedDetails, unresolvedInWords } from './unresolved-details.js'
import { isShut, whyShut } from './gate-words.js'
import { counted, number } from '../format/numbers.js'
import type { RunEvent } from '../run/run-event.js'
import { harmless } from '../format/text.js'

/** Kind of a line; determines its colour. */
export type Kind = 'state' | 'buy' | 'sell' | 'order' | 'trouble' | 'said' | 'note'

export interface Line {
  readonly platform: string
  readonly kind: Kind
  readonly text: string
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

/** Formats a quantity, as a number of contracts where the order has an offset. */
const quantityInWords = (quantity: number, symbol: string, offset: Order['offset']): string =>
  offset === undefined ? `${number(quantity)} ${symbol}` : `${counted(quantity, 'contract')} of ${symbol}`

const orderInWords = ({ action, quantity, symbol, price, order_type, status, remain, offset }: Order): string => {
  const terms = order_type === 'MARKET' || price === null || price === 0 ? 'at the market' : `at ${number(price)}`
  const left = status === 'PARTIAL-FILLED' || (status === 'CANCELED' && remain > 0 && remain < quantity)
  return `${action.toLowerCase()} ${quantityInWords(quantity, symbol, offset)} ${terms}  ${order_type} ${status}${left ? ` (${number(remain)} left)` : ''}`
}

const fillInWords = ({ side, quantity, symbol, price, liquidity, offset }: Fill): string =>
  [
    `${side === 'BUY' ? 'bought' : 'sold'} ${quantityInWords(quantity, symbol, offset)} at ${number(price)}`,
    offset === undefined ? '' : `, to ${offset}`,
    liquidity === null ? '' : `  ${liquidity.toLowerCase()}`,
  ].join('')

const gapInWords = ({ cause, from, to, recovered, missing, appeared, changed }: Gap): string => {
  const span = `${cause}: notices may have been missed for ${number((to - from) / 1000, 1)} s`
  if (recovered) return `${span}; the server has resent all of them`
  const found = [
    [missing.length, 'missing'],
    [appeared.length, 'new'],
    [changed.length, 'filled further'],
  ].flatMap(([count, what]) => (count === 0 ? [] : [`${count} ${what}`]))
  return found.length === 0 ? span : `${span}; open orders: ${found.join(', ')}`
}

/** Tags of values that repeat what account notices show. */
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

/**
 * True for an order that cannot rest or is filled: its fills or its end have lines of their own.
 */
const isToldByFills = ({ status, order_type }: Order): boolean =>
  status === 'FILLED' || (order_type !== 'LIMIT' && (status === 'SUBMITTED' || status === 'PARTIAL-FILLED'))

/** State before an event, as far as lines depend on it. */
interface Before {
  readonly status: Status
  readonly accounts?: ReadonlyMap<
    string,
    { readonly gates: ReadonlyMap<number, RiskState>; readonly unsettled: readonly UnresolvedDetails[] }
  >
}

const unresolvedBefore = ({ accounts }: Before, platform: string): readonly UnresolvedDetails[] =>
  accounts?.get(platform)?.unsettled ?? []

const without = (
  doubts: readonly UnresolvedDetails[],
  others: readonly UnresolvedDetails[],
): readonly UnresolvedDetails[] => doubts.filter(({ cid }) => others.every((other) => other.cid !== cid))

/** True for an unresolved order, which has a more detailed line of its own. */
const isTold = (error: CommandError, doubts: readonly UnresolvedDetails[]): boolean =>
  error._tag === 'Unresolved' && doubts.some(({ cid }) => cid === error.cid)

/** Lines of the log for an event. */
export function linesOf(before: Before, event: RunEvent): readonly Line[] {
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
    case 'error':
      return of('trouble', `${event.message}${event.place === undefined ? '' : ` (at ${event.place})`}`)
    case 'left':
      return of('note', 'logged out')
    case 'state':
      return of('state', `${event.state.name}${event.state.msg === '' ? '' : `: ${event.state.msg}`}`)
    case 'order':
      return isToldByFills(event.order) ? [] : of('order', orderInWords(event.order))
    case 'fill':
      return of(event.fill.side === 'BUY' ? 'buy' : 'sell', fillInWords(event.fill))
    case 'gate': {
      const was = before.accounts?.get(event.platform)?.gates.get(event.gate)
      if (was === undefined ? !isShut(event.risk) : isShut(was) === isShut(event.risk)) return []
      return isShut(event.risk)
        ? of('trouble', `the risk gate is shut, ${whyShut(event.risk)}`)
        : of('state', 'the risk gate is open again')
    }
    case 'gap':
      return of('trouble', gapInWords(event.gap))
    case 'failed':
      return isTold(event.error, unresolvedBefore(before, event.platform)) ? [] : of('trouble', event.error.message)
    case 'unsettled': {
      const known = unresolvedBefore(before, event.platform)
      return [
        ...without(event.orders, known).flatMap((order) => of('trouble', `unresolved: ${unresolvedInWords(order)}`)),
        ...without(known, event.orders).flatMap(({ cid }) => of('state', `resolved: cid ${cid}`)),
      ]
    }
    default:
      return []
  }
}
