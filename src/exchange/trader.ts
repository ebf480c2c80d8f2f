import type { Account, Wallet } from './account.js'
import type { Instrument } from './instrument.js'

/** How the order_nos of an exchange are made. */
export interface OrderNumbers {
  noOf(number: number): string
}

/** An account in one market: what all its orders there have in common, and those of them that are open. */
export class Trader<Order> {
  /** The oldest and the newest open order. */
  first: Order | undefined = undefined
  last: Order | undefined = undefined
  private baseWallet: Wallet | undefined = undefined
  private quoteWallet: Wallet | undefined = undefined

  constructor(
    readonly account: Account,
    readonly instrument: Instrument,
    readonly numbers: OrderNumbers,
  ) {}

  // An account has a wallet from when something is put into it on: asking earlier would show a balance of 0.

  get base(): Wallet {
    return (this.baseWallet ??= this.account.wallet(this.instrument.base))
  }

  get quote(): Wallet {
    return (this.quoteWallet ??= this.account.wallet(this.instrument.quote))
  }
}
