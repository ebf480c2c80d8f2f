import type { Assets, Balance } from '../protocol/index.js'
import { unitsToNumber } from './decimal.js'

/** One currency of one account, in the currency's smallest units. */
export class Wallet {
  free = 0n
  locked = 0n
  /** Already in the account's list of changes of this command. */
  touched = false

  constructor(
    readonly currency: string,
    readonly decimals: number,
  ) {}
}

/** How the balances of a currency are shown that are not just what a wallet holds. */
export type BalanceView = (account: Account) => {
  readonly free: bigint
  readonly locked: bigint
  readonly total: bigint
}

/** Who trades, and what it holds. */
export class Account {
  readonly wallets = new Map<string, Wallet>()
  /** Wallets changed by the present command. */
  readonly changed: Wallet[] = []

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
      wallet = new Wallet(currency, decimals)
      this.wallets.set(currency, wallet)
    }
    return wallet
  }

  /** Balances as the wire has them: of all currencies, or of the given wallets. */
  assets(wallets: Iterable<Wallet> = this.wallets.values()): Assets {
    const assets: Record<string, Balance> = {}
    for (const wallet of wallets) {
      const { currency, decimals } = wallet
      const view = this.views.get(currency)
      const { free, locked } = wallet
      const shown = view === undefined ? { free, locked, total: free + locked } : view(this)
      assets[currency] = {
        free: unitsToNumber(shown.free, decimals),
        locked: unitsToNumber(shown.locked, decimals),
        total: unitsToNumber(shown.total, decimals),
      }
    }
    return assets
  }
}
