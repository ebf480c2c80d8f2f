import type { Action, Order, OrderType } from '../protocol/index.js'
import type { Account } from './account.js'
import type { PriceLevel, Queued } from './book.js'
import { unitsToNumber } from './decimal.js'
import type { Instrument } from './instrument.js'

/** An order inside the exchange: integers, and its place in the queue of its price level. */
export class RestingOrder implements Queued<RestingOrder> {
  /** Lots not filled yet. Of a MARKET BUY, whose lots are not known, 0: see `budget`. */
  remain: number
  status: 'SUBMITTED' | 'PARTIAL-FILLED' | 'FILLED' | 'CANCELED' = 'SUBMITTED'
  utime: number
  level: PriceLevel<RestingOrder> | undefined = undefined
  ahead: RestingOrder | undefined = undefined
  behind: RestingOrder | undefined = undefined

  constructor(
    readonly no: string,
    readonly account: Account,
    readonly instrument: Instrument,
    readonly action: Action,
    readonly type: OrderType,
    /** In ticks; 0 of a MARKET order. */
    readonly price: number,
    /** In lots. */
    public quantity: number,
    /** Quote units left to spend: of a MARKET BUY only, else 0. */
    public budget: bigint,
    readonly ctime: number,
    readonly cid: string | undefined,
  ) {
    this.remain = quantity
    this.utime = ctime
    this.spend = budget
  }

  /** Quote units to spend in all: of a MARKET BUY only, else 0. */
  readonly spend: bigint

  get buys(): boolean {
    return this.action === 'BUY'
  }

  /** A spot MARKET BUY: its size is an amount of quote currency. */
  get byAmount(): boolean {
    return this.spend !== 0n
  }

  /** The order as its notice tells it. */
  notice(): Order {
    const { instrument, byAmount } = this
    return {
      symbol: instrument.symbol,
      order_no: this.no,
      action: this.action,
      price: instrument.price.value(this.price),
      quantity: byAmount ? unitsToNumber(this.spend, instrument.quoteDecimals) : instrument.size.value(this.quantity),
      remain: byAmount ? unitsToNumber(this.budget, instrument.quoteDecimals) : instrument.size.value(this.remain),
      status: this.status,
      order_type: this.type,
      ctime: this.ctime,
      utime: this.utime,
      ...(this.cid === undefined ? {} : { cid: this.cid }),
    }
  }
}
