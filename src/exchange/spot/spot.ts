import type { Account, Wallet } from '../accounts/account.js'
import { formatUnits } from '../numbers/decimal.js'
import type { RestingOrder } from '../matching/order.js'
import { Share } from '../numbers/rate.js'
import type { Report } from '../event-collector.js'
import type { Settlement, TradeFees } from '../accounts/trade-settlement.js'
import type { SpotPair } from './spot-pair.js'
import { minus, type Units } from '../numbers/units.js'

/**
 * The money side of spot trading. A BUY locks quote currency at its limit price, a SELL locks base
 * currency; a trade moves both at the maker's price and gives back what the limit had locked beyond
 * it. Each side's fee comes off what it receives (a buyer pays in base, a seller in quote), rounded
 * up to the currency's unit, and goes to the fee account.
 *
 * A house account locks nothing and pays no fees; its balances may be negative.
 */
export class SpotSettlement implements Settlement {
  private readonly base: string
  private readonly quote: string
  private readonly baseFee: { currency: string; decimals: number }
  private readonly quoteFee: { currency: string; decimals: number }
  private readonly makerShare: Share
  private readonly takerShare: Share

  constructor(
    private readonly instrument: SpotPair,
    private readonly fees: Account,
    private readonly report: Report,
  ) {
    this.base = instrument.base
    this.quote = instrument.quote
    this.baseFee = { currency: this.base, decimals: instrument.baseDecimals }
    this.quoteFee = { currency: this.quote, decimals: instrument.valueDecimals }
    this.makerShare = new Share(instrument.makerRate)
    this.takerShare = new Share(instrument.takerRate)
  }

  reserve(order: RestingOrder): string | undefined {
    if (order.account.house) return undefined
    const wallet = this.pays(order)
    const need = this.locks(order)
    if (wallet.free < need) {
      const { currency, decimals, free } = wallet
      return `insufficient balance: the order needs ${formatUnits(need, decimals)} ${currency}, free is ${formatUnits(free, decimals)} ${currency}`
    }
    wallet.lock(need)
    this.report.touch(order.account, wallet)
    return undefined
  }

  release(order: RestingOrder): void {
    if (order.account.house) return
    const left = this.locks(order)
    if (!(left > 0)) return
    const wallet = this.pays(order)
    wallet.lock(-left)
    this.report.touch(order.account, wallet)
  }

  locks(order: RestingOrder): Units {
    if (order.budget !== undefined) return order.budget.left
    return order.buys ? this.instrument.value(order.price, order.remain) : this.instrument.baseOf(order.remain)
  }

  lockedCurrency(order: RestingOrder): string {
    return order.buys ? this.quote : this.base
  }

  trade(buyer: RestingOrder, seller: RestingOrder, price: number, lots: number, buyerMakes: boolean): TradeFees {
    const { instrument } = this
    const value = instrument.value(price, lots)
    const base = instrument.baseOf(lots)
    const locked = buyer.budget !== undefined || buyer.price === price ? value : instrument.value(buyer.price, lots)
    this.pay(buyer, value, locked)
    this.pay(seller, base, base)
    const { makerShare, takerShare } = this
    return {
      buyer: this.receive(buyer.account, buyer.trader.base, base, buyerMakes ? makerShare : takerShare),
      seller: this.receive(seller.account, seller.trader.quote, value, buyerMakes ? takerShare : makerShare),
    }
  }

  feeCurrency(buys: boolean): { currency: string; decimals: number } {
    return buys ? this.baseFee : this.quoteFee
  }

  private pays(order: RestingOrder): Wallet {
    return order.buys ? order.trader.quote : order.trader.base
  }

  private pay(order: RestingOrder, due: Units, locked: Units): void {
    const wallet = this.pays(order)
    if (order.account.house) {
      wallet.add(-due)
      return
    }
    wallet.spend(due, locked)
    this.report.touch(order.account, wallet)
  }

  private receive(account: Account, wallet: Wallet, amount: Units, rate: Share): Units {
    if (account.house) {
      wallet.add(amount)
      return 0
    }
    const fee = rate.up(amount)
    wallet.add(minus(amount, fee))
    if (fee !== 0) this.fees.wallet(wallet.currency).add(fee)
    this.report.touch(account, wallet)
    return fee
  }
}
