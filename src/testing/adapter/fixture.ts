import type { SchedulerLike } from 'rxjs'
import type { ExchangeAdapter, NewOrder } from '../../gateway/index.js'

/** Keys of an account. */
export interface AdapterKeys {
  readonly accessKey: string
  readonly secretKey: string
}

/** An order of the subject's symbol. */
export type AdapterOrder = Pick<NewOrder, 'action' | 'price' | 'quantity' | 'order_type'>

/** An adapter that is put to the test, and what it takes to trade there. */
export interface AdapterFixture {
  /**
   * Makes the adapter, once for each check. Where the exchange itself goes on (a test network), its
   * accounts should have no open orders of the symbol and no position; every check cancels what it
   * has left open.
   */
  make(): ExchangeAdapter | Promise<ExchangeAdapter>
  /** Two accounts with funds, that may trade with each other. */
  readonly accounts: readonly [AdapterKeys, AdapterKeys]
  readonly symbol: string
  /**
   * A LIMIT order that rests, at a price at which it does not trade. Of contracts one that opens.
   */
  readonly resting: AdapterOrder
  /**
   * Orders that trade with each other whole: the first account's rests, the second's takes it at
   * once. Only the two of them meet.
   */
  readonly trading: readonly [maker: AdapterOrder, taker: AdapterOrder]
  /** An order that the exchange refuses: too large for the account, or off the tick. */
  readonly refused: AdapterOrder
  /** A symbol that is not traded there. @default 'NO-SUCH/SYMBOL' */
  readonly unknownSymbol?: string
  /** Keys that the exchange does not take. @default none: what depends on them is not checked */
  readonly badKeys?: AdapterKeys
  /**
   * Breaks the line between the adapter and its exchange, once. @default none: what depends on it
   * is not checked
   */
  readonly drop?: (adapter: ExchangeAdapter) => void
  /** Longest wait for an answer or a notice, in ms. @default 5000 */
  readonly withinMs?: number
  /** Time to listen for events that should not come, in ms. @default 250 */
  readonly settleMs?: number
  /** @default asyncScheduler */
  readonly scheduler?: SchedulerLike
}
