import type { Account, Wallet } from './account.js'
import { formatUnits } from './decimal.js'
import { feeOn, type Instrument } from './instrument.js'
import type { RestingOrder } from './order.js'

/** A fee taken from one side of a trade. */
export interface Fee {
  readonly units: bigint
  readonly wallet: Wallet
}

/**
 * The money side of spot trading. A BUY locks quote currency at its limit price, a SELL locks base currency; a trade moves
 * both at the maker's price and gives back what the limit had locked beyond it. Each side's fee comes off what it
 * receives (a buyer pays in base, a seller in quote), rounded up to the currency's unit, and goes to the fee account.
 *
 * A house account locks nothing and pays no fees; its balances may be negative.
 */
export class SpotSettlement {
  constructor(
    private readonly instrument: Instrument,
    private readonly fees: Account,
    private readonly touch: (account: Account, wallet: Wallet) => void,
  ) {}

  /** Locks what the order needs, or says in words what is missing. */
  reserve(order: RestingOrder): string | undefined {
    if (order.account.house) return undefined
    const wallet = this.pays(order)
    const need = this.locks(order)
    if (wallet.free < need) {
      const { currency, decimals } = wallet
      return `insufficient balance: the order needs ${formatUnits(need, decimals)} ${currency}, free is ${formatUnits(wallet.free, decimals)} ${currency}`
    }
    wallet.free -= need
    wallet.locked += need
    this.touch(order.account, wallet)
    return undefined
  }

  /** Gives back what an order still locks: it was cancelled, or its remainder was. */
  release(order: RestingOrder): void {
    if (order.account.house) return
    const left = this.locks(order)
    if (left === 0n) return
    const wallet = this.pays(order)
    wallet.locked -= left
    wallet.free += left
    this.touch(order.account, wallet)
  }

  /** What an order locks as it stands. */
  locks(order: RestingOrder): bigint {
    if (order.byAmount) return order.budget
    return order.buys ? this.instrument.value(order.price, order.remain) : this.instrument.base(order.remain)
  }

  /** Moves money for `lots` at `price`. Called while both orders' `remain` and `budget` still include them. */
  trade(buyer: RestingOrder, seller: RestingOrder, price: number, lots: number, buyerMakes: boolean): [Fee, Fee] {
    const { instrument } = this
    const value = instrument.value(price, lots)
    const base = instrument.base(lots)
    const paid = buyer.byAmount || buyer.price === price ? value : instrument.value(buyer.price, lots)
    this.pay(buyer, paid, value)
    this.pay(seller, base, base)
    const { makerRate, takerRate } = instrument
    return [
      this.receive(buyer.account, instrument.spec.base, base, buyerMakes ? makerRate : takerRate),
      this.receive(seller.account, instrument.spec.quote, value, buyerMakes ? takerRate : makerRate),
    ]
  }

  private pays(order: RestingOrder): Wallet {
    const { base, quote } = this.instrument.spec
    return order.account.wallet(order.buys ? quote : base)
  }

  private pay(order: RestingOrder, locked: bigint, due: bigint): void {
    const wallet = this.pays(order)
    if (order.account.house) {
      wallet.free -= due
      return
    }
    wallet.locked -= locked
    if (locked !== due) wallet.free += locked - due
    this.touch(order.account, wallet)
  }

  private receive(account: Account, currency: string, amount: bigint, rate: bigint): Fee {
    const wallet = account.wallet(currency)
    if (account.house) {
      wallet.free += amount
      return { units: 0n, wallet }
    }
    const units = feeOn(amount, rate)
    wallet.free += amount - units
    if (units !== 0n) this.fees.wallet(currency).free += units
    this.touch(account, wallet)
    return { units, wallet }
  }
}
