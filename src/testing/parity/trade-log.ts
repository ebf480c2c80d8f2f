import type { Account } from '../../client/index.js'
import type { Fill, Order } from '../../protocol/index.js'
import { Subscription } from 'rxjs'

/** A notice of an account, with its time. */
export interface LoggedNotice {
  /** Ms of the run. */
  readonly atMs: number
  /** Its lane: `huobi orders`, `huobi fills`. */
  readonly lane: string
  readonly value: Order | Fill
}

/**
 * Result of a run: its order and fill notices in the order of arrival, and the balances at its end.
 */
export interface TradeLog {
  readonly events: readonly LoggedNotice[]
  /** To the last digit, as decimal text: `huobi BTC`. */
  readonly balances: Readonly<Record<string, string>>
}

/**
 * Records the order and fill notices of an account; unsubscribing ends it.
 *
 * @param now - the time of the run, in ms
 */
export const logTrades = (account: Account, now: () => number, write: (told: LoggedNotice) => void): Subscription => {
  const { platform } = account
  const writing = new Subscription()
  // The account itself tells of its errors.
  const error = () => undefined
  writing.add(
    account.order$.subscribe({ next: (value) => write({ atMs: now(), lane: `${platform} orders`, value }), error }),
  )
  writing.add(
    account.fill$.subscribe({ next: (value) => write({ atMs: now(), lane: `${platform} fills`, value }), error }),
  )
  return writing
}
