import type { Evidence, RequestSummary, Unresolved, UnresolvedCause } from '../../client/index.js'
import { number } from '../format/numbers.js'

/** Unresolved order with the evidence about it. Plain data. */
export interface UnresolvedDetails {
  readonly cid: string
  readonly cause: UnresolvedCause
  /** Time of sending, in ms since 1970. */
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
  'connection-lost': 'the connection was lost before a reply came',
  'server-unsure': 'the server does not know either',
  undecodable: 'its reply cannot be read',
  'journal-failed': 'it was rejected, but the journal could not be written',
  'logged-out': 'the login ended before a reply came',
}

const evidenceInWords = (evidence: Evidence): string =>
  evidence.kind === 'server-said' ? `; the server says: ${evidence.message}` : `; order ${evidence.order_no} matches it`

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

/** Formats an unresolved order with its cid, cause and evidence. */
export const unresolvedInWords = ({ cid, cause, request, evidence }: UnresolvedDetails): string =>
  `${orderInWords(request)}, cid ${cid}: it may exist (${causes[cause]})${evidence.map(evidenceInWords).join('')}`
