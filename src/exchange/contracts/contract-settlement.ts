import type { Account } from '../accounts/account.js'
import type { BookSide } from '../matching/order-book.js'
import { formatUnits } from '../numbers/decimal.js'
import type { Held, MarginAccount } from './margin-account.js'
import type { RestingOrder } from '../matching/order.js'
import type { Position, PositionSide } from './position.js'
import { shareUp } from '../numbers/rate.js'
import type { Report } from '../event-collector.js'
import type { Settlement, TradeFees } from '../accounts/trade-settlement.js'

/** The settlement of each contract, for what is done without orders. */
export type Settlements = ReadonlyMap<Held, ContractSettlement>

/** Lots that were traded, in ticks and in money. */
interface Traded {
  readonly lots: number
  readonly price: number
  readonly value: bigint
}

/**
 * The money side of contracts in hedge mode. An opening LIMIT order locks the margin and the taker
 * fee of what remains at its limit price; a closing one lays claim to lots of its position. A trade
 * opens a side at the trade's value, or closes part of it: the same part of its cost (rounded down)
 * goes, and the difference is profit or loss in the balance. Fees come off the balance in
 * settlement currency, rounded up. A house account is held to no margin and holds one side only:
 * its trades close first.
 */
export class ContractSettlement implements Settlement {
  private readonly fee: { currency: string; decimals: number }

  constructor(
    private readonly held: Held,
    private readonly group: MarginAccount,
    private readonly fees: Account,
    private readonly report: Report,
    private readonly nowMs: () => number,
  ) {
    this.fee = { currency: group.currency, decimals: held.contract.valueDecimals }
  }

  reserve(order: RestingOrder, opposite: BookSide<RestingOrder>): string | undefined {
    const { account, remain } = order
    if (account.house) return undefined
    const { contract } = this.held
    if (order.offset === 'close') {
      const position = this.group.position(this.held, account)
      const side = position.side(!order.buys)
      const free = side.lots - side.frozen
      if (remain > free) {
        const which = side.long ? 'long' : 'short'
        return `insufficient position: the order closes ${remain} contracts, ${free} of ${side.lots} held ${which} are available`
      }
      side.frozen += remain
      this.report.touchPosition(account, this.held, position)
      return undefined
    }
    const value = this.valueToOpen(order, opposite)
    const need = contract.margin(value) + this.feeReserve(value)
    const available = this.group.available(account)
    if (available < need) {
      const { currency, decimals } = this.fee
      return `insufficient margin: the order needs ${formatUnits(need, decimals)} ${currency}, available is ${formatUnits(available, decimals)} ${currency}`
    }
    this.lock(order, this.locks(order))
    return undefined
  }

  release(order: RestingOrder): void {
    const { account, remain } = order
    if (account.house || remain === 0) return
    if (order.offset === 'close') {
      const position = this.group.position(this.held, account)
      position.side(!order.buys).frozen -= remain
      this.report.touchPosition(account, this.held, position)
    } else {
      this.lock(order, -this.locks(order))
    }
  }

  locks(order: RestingOrder): bigint {
    return this.locksFor(order, order.remain)
  }

  lockedCurrency(): string {
    return this.group.currency
  }

  trade(buyer: RestingOrder, seller: RestingOrder, price: number, lots: number, buyerMakes: boolean): TradeFees {
    // Once for both sides, so that rounding makes no money.
    const value = this.held.contract.value(price, lots)
    const { makerRate, takerRate } = this.held.contract
    const of = { lots, price, value }
    return {
      buyer: this.apply(buyer, of, buyerMakes ? makerRate : takerRate),
      seller: this.apply(seller, of, buyerMakes ? takerRate : makerRate),
    }
  }

  feeCurrency(): { currency: string; decimals: number } {
    return this.fee
  }

  /**
   * Takes lots of a side out at a value; the profit goes to the balance. Returns what the balance
   * has gained.
   */
  close(account: Account, side: PositionSide, lots: number, value: bigint): bigint {
    const all = BigInt(side.lots)
    const part = BigInt(lots)
    const cost = (side.cost * part) / all
    const margin = (side.margin * part) / all
    side.cost -= cost
    side.openCost -= (side.openCost * part) / all
    side.fineCost -= (side.fineCost * part) / all
    side.fineOpenCost -= (side.fineOpenCost * part) / all
    side.margin -= margin
    side.lots -= lots
    const gain = this.held.contract.profit(side.long, cost, value) + margin
    this.pay(account, gain)
    return gain
  }

  /** Puts money into an account's balance, or takes it. */
  pay(account: Account, amount: bigint): void {
    const wallet = account.wallet(this.group.currency)
    wallet.add(amount)
    this.report.touch(account, wallet)
  }

  private apply(order: RestingOrder, traded: Traded, rate: bigint): bigint {
    const { lots, value } = traded
    const { account, buys, remain } = order
    const position = this.group.position(this.held, account)
    position.utime = this.nowMs()
    if (account.house) {
      this.net(account, position, buys, traded)
      return 0n
    }
    if (order.offset === 'close') {
      const side = position.side(!buys)
      side.frozen -= lots
      this.close(account, side, lots, value)
    } else {
      const side = position.side(buys)
      this.lock(order, this.locksFor(order, remain - lots) - this.locksFor(order, remain))
      this.open(side, traded)
      if (!this.held.contract.crossed) {
        const margin = this.held.contract.margin(value)
        side.margin += margin
        this.pay(account, -margin)
      }
    }
    const fee = shareUp(value, rate)
    this.pay(account, -fee)
    this.fees.wallet(this.group.currency).add(fee)
    this.report.touchPosition(account, this.held, position)
    return fee
  }

  private open(side: PositionSide, { lots, price, value }: Traded): void {
    const fine = this.held.contract.fineValue(price, lots)
    side.lots += lots
    side.fineCost += fine
    side.fineOpenCost += fine
    side.cost += value
    side.openCost += value
  }

  private net(account: Account, position: Position, buys: boolean, { lots, price, value }: Traded): void {
    const other = position.side(!buys)
    const closing = Math.min(lots, other.lots)
    const closingValue = (value * BigInt(closing)) / BigInt(lots)
    if (closing > 0) this.close(account, other, closing, closingValue)
    if (closing < lots) this.open(position.side(buys), { lots: lots - closing, price, value: value - closingValue })
  }

  /** Only a LIMIT order can rest, so only one locks; what others take at once is checked before. */
  private locksFor(order: RestingOrder, lots: number): bigint {
    if (order.type !== 'LIMIT' || order.offset === 'close' || order.account.house || lots === 0) return 0n
    const value = this.held.contract.value(order.price, lots)
    return this.held.contract.margin(value) + this.feeReserve(value)
  }

  private lock(order: RestingOrder, amount: bigint): void {
    if (amount === 0n) return
    const wallet = order.account.wallet(this.group.currency)
    wallet.lock(amount)
    this.report.touch(order.account, wallet)
  }

  private feeReserve(value: bigint): bigint {
    const { makerRate, takerRate } = this.held.contract
    const fee = shareUp(value, takerRate > makerRate ? takerRate : makerRate)
    return fee > 0n ? fee : 0n
  }

  /**
   * Value of the order if it traded now against the book, the rest of a LIMIT order at its limit.
   */
  private valueToOpen(order: RestingOrder, opposite: BookSide<RestingOrder>): bigint {
    const { contract } = this.held
    let left = order.remain
    let value = 0n
    for (const level of opposite.fromBest()) {
      if (left === 0) break
      if (order.type !== 'MARKET' && (order.buys ? level.price > order.price : level.price < order.price)) break
      const lots = Math.min(left, level.lots)
      value += contract.value(level.price, lots)
      left -= lots
    }
    return left > 0 && order.type === 'LIMIT' ? value + contract.value(order.price, left) : value
  }
}
