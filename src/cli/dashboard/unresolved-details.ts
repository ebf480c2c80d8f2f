import type { Evidence, RequestSummary, Unresolved, UnresolvedCause } from '../../client/index.js'
import { number } from '../format/numbers.js'

/** An order that was sent and whose fate is not known: what is known of it all the same. Plain data. */
export interface UnresolvedDetails {
  readonly cid: string
  readonly cause: UnresolvedCause
  /** When it was written, in ms since 1970. */
  readonly sentAt: number
  readonly request: RequestSummary
  readonly evidence: readonly Evidence[]
}

export const unresolvedDetails = ({ cid, cause, sentAt, request, evidence }: Unresolved): UnresolvedDetails => ({
  cid,
  cause,
  sentAt,
  request,
  evidence,
})

const causes: Readonly<Record<UnresolvedCause, string>> = {
  timeout: 'no reply came in time',
  'connection-lost': 'the connection fell before a reply came',
  'server-unsure': 'the server does not know itself',
  undecodable: 'its reply cannot be read',
  'journal-failed': 'it was refused, but the journal could not be told',
  'logged-out': 'we left before a reply came',
}

const evidenceInWords = (evidence: Evidence): string =>
  evidence.kind === 'server-said'
    ? `; the server says: ${evidence.message}`
    : `; order ${evidence.order_no} looks like it`

const orderInWords = ({ action, quantity, symbol, price, order_type }: RequestSummary): string =>
  [
    typeof action === 'string' ? action.toLowerCase() : '',
    typeof quantity === 'number' ? number(quantity) : '',
    typeof symbol === 'string' ? symbol : '',
    typeof price === 'number' && price > 0 ? `at ${number(price)}` : 'at the market',
    typeof order_type === 'string' ? order_type : '',
  ]
    .filter((word) => word !== '')
    .join(' ')

/** The order, its cid, and what is known of its fate. */
export const unresolvedInWords = ({ cid, cause, request, evidence }: UnresolvedDetails): string =>
  `${orderInWords(request)}, cid ${cid}: it may have happened (${causes[cause]})${evidence.map(evidenceInWords).join('')}`
