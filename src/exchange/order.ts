import type { Action, Order, OrderType } from '../protocol/index.js'
import type { Account } from './account.js'
import type { PriceLevel, Queued } from './book.js'
import { unitsToNumber } from './decimal.js'
import type { Instrument } from './instrument.js'
import type { Owned, OwnerList } from './open-orders.js'

/** What an order is made of. */
export interface OrderTerms {
  readonly account: Account
  readonly action: Action
  readonly type: OrderType
  /** In ticks; 0 of a MARKET order. */
  readonly price: number
  /** In lots; 0 of a MARKET BUY. */
  readonly lots: number
  /** Quote units to spend; 0 but of a MARKET BUY. */
  readonly budget: bigint
  readonly cid?: string | undefined
  /** Of contracts: whether it opens or closes a side. */
  readonly offset?: 'open' | 'close' | undefined
}

/** An order inside the exchange: integers, and its place in the queue of its price level. */
export class RestingOrder implements Queued<RestingOrder>, Owned<RestingOrder> {
  /** Given when the order is accepted: its order_no, and the number in it. */
  no = ''
  number = 0
  readonly account: Account
  readonly action: Action
  readonly buys: boolean
  readonly type: OrderType
  readonly price: number
  /** In lots. */
  quantity: number
  /** Lots not filled yet. Of a MARKET BUY, whose lots are not known, 0: see `budget`. */
  remain: number
  /** Quote units to spend in all, and what is left of them: of a spot MARKET BUY only, else 0. */
  readonly spend: bigint
  budget: bigint
  /** A spot MARKET BUY: its size is an amount of quote currency. */
  readonly byAmount: boolean
  readonly cid: string | undefined
  readonly offset: 'open' | 'close' | undefined
  status: 'SUBMITTED' | 'PARTIAL-FILLED' | 'FILLED' | 'CANCELED' = 'SUBMITTED'
  utime: number
  level: PriceLevel<RestingOrder> | undefined = undefined
  ahead: RestingOrder | undefined = undefined
  behind: RestingOrder | undefined = undefined
  owner: OwnerList<RestingOrder> | undefined = undefined
  older: RestingOrder | undefined = undefined
  newer: RestingOrder | undefined = undefined

  constructor(
    { account, action, type, price, lots, budget, cid, offset }: OrderTerms,
    readonly instrument: Instrument,
    readonly ctime: number,
  ) {
    this.account = account
    this.action = action
    this.buys = action === 'BUY'
    this.type = type
    this.price = price
    this.quantity = this.remain = lots
    this.spend = this.budget = budget
    this.byAmount = budget !== 0n
    this.cid = cid
    this.offset = offset
    this.utime = ctime
  }

  /** The order as its notice tells it. */
  notice(): Order {
    const { instrument, byAmount, cid, offset } = this
    const notice = {
      symbol: instrument.symbol,
      order_no: this.no,
      action: this.action,
      price: instrument.price.value(this.price),
      quantity: byAmount ? unitsToNumber(this.spend, instrument.valueDecimals) : instrument.size.value(this.quantity),
      remain: byAmount ? unitsToNumber(this.budget, instrument.valueDecimals) : instrument.size.value(this.remain),
      status: this.status,
      order_type: this.type,
      ctime: this.ctime,
      utime: this.utime,
    }
    if (cid === undefined && offset === undefined) return notice
    return { ...notice, ...(cid === undefined ? {} : { cid }), ...(offset === undefined ? {} : { offset }) }
  }
}
