import { mean, ratio } from '../statistics/numbers.js'
import type { LedgerOrder, OrderOutcome } from './ledger.js'

/** Counts of how orders ended. */
export interface ExecutionStatistics {
  readonly orders: number
  /** Number of orders by outcome. */
  readonly outcomes: Readonly<Record<OrderOutcome, number>>
  /**
   * Number of refusals, by the exchange or before sending, by code; `other` without a code. Most
   * frequent first.
   */
  readonly refusalsByCode: Readonly<Record<string, number>>
  /**
   * Share of the ordered quantity that was filled, mean over the orders that reached the exchange.
   */
  readonly fillRate: number | undefined
  /** Mean time from sending to acknowledgement, in ms. */
  readonly acknowledgedAfterMs: number | undefined
}

const refused: readonly OrderOutcome[] = ['rejected', 'denied']

/** Tells an order that was refused: by the exchange, or before it was sent. */
export const isRefused = ({ outcome }: LedgerOrder): boolean => refused.includes(outcome)

/** Counts how the orders of a run ended. */
export function executionStatistics(orders: readonly LedgerOrder[]): ExecutionStatistics {
  const outcomes = { filled: 0, canceled: 0, missed: 0, rejected: 0, denied: 0, unknown: 0, open: 0 }
  const codes = new Map<string, number>()
  for (const order of orders) {
    outcomes[order.outcome]++
    if (isRefused(order)) codes.set(order.code ?? 'other', (codes.get(order.code ?? 'other') ?? 0) + 1)
  }
  const reached = orders.filter((order) => !isRefused(order))
  const waits = orders.flatMap(({ sentMs, acknowledgedMs }) =>
    acknowledgedMs === undefined ? [] : [acknowledgedMs - sentMs],
  )
  return {
    orders: orders.length,
    outcomes,
    refusalsByCode: Object.fromEntries([...codes].sort(([, a], [, b]) => b - a)),
    fillRate: mean(reached.map(({ filled, quantity }) => ratio(filled, quantity) ?? 0)),
    acknowledgedAfterMs: mean(waits),
  }
}
