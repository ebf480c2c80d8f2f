import type { Account } from '../../client/index.js'
import type { Fill, Order } from '../../protocol/index.js'
import { Subscription } from 'rxjs'

/** Something that an account was told, and when. */
export interface LoggedNotice {
  /** Ms of the run. */
  readonly atMs: number
  /** What it is of: `huobi orders`, `huobi fills`. */
  readonly lane: string
  readonly value: Order | Fill
}

/** What a run came to: every order and fill notice in the order in which they were told, and the balances at its end. */
export interface TradeLog {
  readonly events: readonly LoggedNotice[]
  /** To the last digit, as decimal text: `huobi BTC`. */
  readonly balances: Readonly<Record<string, string>>
}

/**
 * Writes down what an account is told of its orders and fills; unsubscribing ends it.
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
