import type { OpenOrder } from '../../protocol/index.js'
import type { Account, Wallet } from '../accounts/account.js'
import type { Instrument } from '../instrument.js'

/** Source of the order_nos of an exchange. */
export interface OrderNumbers {
  noOf(number: number): string
}

/**
 * An account in one market: what all its orders there have in common, and those of them that are
 * open.
 */
export class Trader<Order> {
  /** The oldest and the newest open order. */
  first: Order | undefined = undefined
  last: Order | undefined = undefined
  /**
   * Time of the first order of the account here, in whole ms so that no difference is rounded; its
   * orders count their times from it. For 24 days those are small integers, which V8 stores in the
   * order itself; a time since 1970 would be an object beside it.
   */
  readonly sinceMs: number
  /**
   * The open orders as they were last shown, while nothing has changed. Weak: an account may have a
   * thousand, and may never ask again.
   */
  private shown: WeakRef<readonly OpenOrder[]> | undefined = undefined
  private baseWallet: Wallet | undefined = undefined
  private quoteWallet: Wallet | undefined = undefined

  constructor(
    readonly account: Account,
    readonly instrument: Instrument,
    readonly numbers: OrderNumbers,
    nowMs: number,
  ) {
    this.sinceMs = Math.floor(nowMs)
  }

  /** One of its open orders has come, gone or changed. */
  changed(): void {
    this.shown = undefined
  }

  /**
   * The open orders as a query shows them: the same frozen list as before while nothing has
   * changed, so that it need not be encoded again.
   */
  show(list: () => readonly OpenOrder[]): readonly OpenOrder[] {
    const known = this.shown?.deref()
    if (known !== undefined) return known
    const orders = Object.freeze(list().map((order) => Object.freeze(order)))
    this.shown = new WeakRef(orders)
    return orders
  }

  // An account has a wallet from when something is put into it on: asking earlier would show a
  // balance of 0.

  get base(): Wallet {
    return (this.baseWallet ??= this.account.wallet(this.instrument.base))
  }

  get quote(): Wallet {
    return (this.quoteWallet ??= this.account.wallet(this.instrument.quote))
  }
}
