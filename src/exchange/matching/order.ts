import type { Action, Order, OrderType } from '../../protocol/index.js'
import type { Account } from '../accounts/account.js'
import type { PriceLevel, Queued } from './order-book.js'
import { unitsToNumber } from '../numbers/decimal.js'
import type { Instrument } from '../instrument.js'
import type { Owned } from './open-orders.js'
import type { Trader } from './account-in-market.js'

/** Terms of an order on the grids of its symbol. */
export interface OrderTerms {
  readonly action: Action
  readonly type: OrderType
  /** In ticks; 0 of a MARKET order. */
  readonly price: number
  /** In lots; 0 of a MARKET BUY. */
  readonly lots: number
  /** Quote units to spend: of a spot MARKET BUY only. */
  readonly budget?: bigint | undefined
  readonly cid?: string | undefined
  /** Of contracts: whether it opens or closes a side. */
  readonly offset?: 'open' | 'close' | undefined
}

/** Budget of a spot MARKET BUY, whose size is an amount of money: in units of quote currency. */
export class Budget {
  left: bigint

  constructor(readonly whole: bigint) {
    this.left = whole
  }
}

/** An order inside the exchange: integers, and its place in the queue of its price level. */
export class RestingOrder implements Queued<RestingOrder>, Owned<RestingOrder> {
  /** Given when the order is accepted. */
  number = 0
  readonly buys: boolean
  readonly type: OrderType
  readonly price: number
  /** In lots. */
  quantity: number
  /** Lots not filled yet. Of a MARKET BUY, whose lots are not known, 0: see `budget`. */
  remain: number
  /** Of a spot MARKET BUY only. */
  readonly budget: Budget | undefined
  readonly cid: string | undefined
  readonly offset: 'open' | 'close' | undefined
  status: 'SUBMITTED' | 'PARTIAL-FILLED' | 'FILLED' | 'CANCELED' = 'SUBMITTED'
  /** In ms from the trader's `sinceMs` on. */
  private readonly created: number
  /**
   * Time of placing by the wall clock, if that is not market time: see `wall_ctime` of the
   * protocol.
   */
  readonly wallCtime: number | undefined
  private changed: number | undefined = undefined
  level: PriceLevel<RestingOrder> | undefined = undefined
  ahead: RestingOrder | undefined = undefined
  behind: RestingOrder | undefined = undefined
  older: RestingOrder | undefined = undefined
  newer: RestingOrder | undefined = undefined

  constructor(
    readonly trader: Trader<RestingOrder>,
    { action, type, price, lots, budget, cid, offset }: OrderTerms,
    ctime: number,
    wallCtime?: number,
  ) {
    this.created = ctime - trader.sinceMs
    this.wallCtime = wallCtime
    this.buys = action === 'BUY'
    this.type = type
    this.price = price
    this.quantity = this.remain = lots
    this.budget = budget === undefined ? undefined : new Budget(budget)
    this.cid = cid
    this.offset = offset
  }

  // Derived fields are not stored, because resting orders are many.

  get account(): Account {
    return this.trader.account
  }

  get instrument(): Instrument {
    return this.trader.instrument
  }

  /** Its order_no. */
  get no(): string {
    return this.trader.numbers.noOf(this.number)
  }

  get ctime(): number {
    return this.trader.sinceMs + this.created
  }

  get utime(): number {
    return this.trader.sinceMs + (this.changed ?? this.created)
  }

  /**
   * Never decreases, although the market may restart: readers take an earlier notice for an
   * outdated one.
   */
  set utime(timeMs: number) {
    this.changed = Math.max(timeMs - this.trader.sinceMs, this.changed ?? this.created)
    // Whatever a fill changes, it changes this too.
    this.trader.changed()
  }

  get action(): Action {
    return this.buys ? 'BUY' : 'SELL'
  }

  /** The order as its notice tells it. */
  notice(): Order {
    const { instrument, budget, cid, offset, wallCtime } = this
    const notice = {
      symbol: instrument.symbol,
      order_no: this.no,
      action: this.action,
      price: instrument.price.value(this.price),
      quantity: budget ? unitsToNumber(budget.whole, instrument.valueDecimals) : instrument.size.value(this.quantity),
      remain: budget ? unitsToNumber(budget.left, instrument.valueDecimals) : instrument.size.value(this.remain),
      status: this.status,
      order_type: this.type,
      ctime: this.ctime,
      utime: this.utime,
    }
    if (cid === undefined && offset === undefined && wallCtime === undefined) return notice
    return {
      ...notice,
      ...(cid === undefined ? {} : { cid }),
      ...(offset === undefined ? {} : { offset }),
      ...(wallCtime === undefined ? {} : { wall_ctime: wallCtime }),
    }
  }
}
