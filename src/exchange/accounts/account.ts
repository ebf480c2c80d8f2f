import type { Assets, Balance } from '../../protocol/index.js'
import { Changes } from './dirty-set.js'
import { unitsToNumber } from '../numbers/decimal.js'
import { minus, plus, type Units } from '../numbers/units.js'

/** One currency of one account. */
export class Wallet {
  free: Units = 0
  locked: Units = 0
  /** Already in the account's list of changes of this command. */
  touched = false

  constructor(
    readonly currency: string,
    readonly decimals: number,
    /** Shown instead of what it holds. */
    readonly view: BalanceView | undefined,
  ) {}

  get total(): Units {
    return plus(this.free, this.locked)
  }

  /** Puts money into what is free; takes it if negative. */
  add(amount: Units): void {
    this.free = plus(this.free, amount)
  }

  /** Locks what was free; frees it if negative. */
  lock(amount: Units): void {
    this.free = minus(this.free, amount)
    this.locked = plus(this.locked, amount)
  }

  /**
   * Takes what is due out of what was locked for it; what had been locked beyond it is free again.
   */
  spend(due: Units, locked: Units): void {
    this.locked = minus(this.locked, locked)
    if (locked !== due) this.add(minus(locked, due))
  }
}

/** View of balances that are more than the content of a wallet. */
export type BalanceView = (account: Account) => {
  readonly free: Units
  readonly locked: Units
  readonly total: Units
}

/** An account of the exchange: its wallets, positions and order count. */
export class Account {
  readonly wallets = new Map<string, Wallet>()
  /** Wallets changed by the present command. */
  readonly changed = new Changes<Wallet>()
  /** Number of its resting orders, over all symbols. */
  openOrders = 0
  /** Already in the list of accounts that the present command has changed. */
  touched = false

  constructor(
    readonly name: string,
    /** Unlimited funds, no minimum sizes, no fees, no private events: the market itself. */
    readonly house: boolean,
    private readonly decimals: ReadonlyMap<string, number>,
    /** By currency; the others are shown as they are. */
    private readonly views: ReadonlyMap<string, BalanceView>,
  ) {}

  /** The wallet of a currency that the platform has. */
  wallet(currency: string): Wallet {
    let wallet = this.wallets.get(currency)
    if (wallet === undefined) {
      const decimals = this.decimals.get(currency)
      if (decimals === undefined) throw new RangeError(`no such currency: ${currency}`)
      wallet = new Wallet(currency, decimals, this.views.get(currency))
      this.wallets.set(currency, wallet)
    }
    return wallet
  }

  /** All balances as the wire has them. */
  assets(): Assets {
    const assets: Record<string, Balance> = {}
    for (const wallet of this.wallets.values()) assets[wallet.currency] = this.balance(wallet)
    return assets
  }

  /** The balances that the present command has changed; nothing has changed afterwards. */
  takeChanges(): Assets {
    const assets: Record<string, Balance> = {}
    for (let wallet = this.changed.take(); wallet !== undefined; wallet = this.changed.take()) {
      assets[wallet.currency] = this.balance(wallet)
    }
    return assets
  }

  private balance(wallet: Wallet): Balance {
    const { decimals } = wallet
    const { free, locked, total } = wallet.view?.(this) ?? wallet
    return {
      free: unitsToNumber(free, decimals),
      locked: unitsToNumber(locked, decimals),
      total: unitsToNumber(total, decimals),
    }
  }
}
