import type { Action, OrderType } from '../protocol/index.js'

/** Opens an account. Its first deposits may be given at once. Opening one that exists is refused. */
export interface OpenAccount {
  readonly type: 'open-account'
  readonly account: string
  /** Amounts by currency, as decimal text or numbers. */
  readonly deposits?: Readonly<Record<string, string | number>>
  /**
   * The account of the market itself: unlimited funds (its balances may be negative), no minimum sizes, and no notices of
   * its own orders, fills and balances. Its trades pay no fees.
   *
   * @default false
   */
  readonly house?: boolean
}

/** Adds to an account's balance, or takes from what is free. */
export interface Deposit {
  readonly type: 'deposit'
  readonly account: string
  readonly ref?: string
  readonly currency: string
  /** Decimal text or a number; negative to withdraw. */
  readonly amount: string | number
}

/** Places an order; the fields are those of `place_order`. */
export interface Place {
  readonly type: 'place'
  readonly account: string
  /** Comes back in the `accepted` or `refused` event. */
  readonly ref?: string
  readonly symbol: string
  readonly action: Action
  /** 0 for a MARKET order. */
  readonly price: number
  /**
   * In base currency; in quote currency for a spot MARKET BUY. In contracts for futures, where the sign says which side is
   * operated on: BUY +q opens long, SELL -q opens short, SELL +q closes long, BUY -q closes short.
   */
  readonly quantity: number
  readonly order_type: OrderType
  /** Echoed in the order's events. */
  readonly cid?: string
  /** Milliseconds since 1970 after which the order is refused. */
  readonly valid_until?: number
}

/** Cancels the named orders of one symbol, or all of the account's open orders there when none is named. */
export interface Cancel {
  readonly type: 'cancel'
  readonly account: string
  /** Comes back in the `cancel-results` or `refused` event. */
  readonly ref?: string
  readonly symbol: string
  readonly order_nos: readonly string[]
}

/**
 * Replaces what a house account shows of one symbol. Levels that stay keep their place in the queue: a smaller quantity
 * shrinks the order, a larger one adds an order behind. Quantities are in base currency, of contracts too. Bids are put on the tick downwards, asks upwards, sizes
 * downwards; a quote that crosses somebody's order trades with it, but the house's own orders of a side left as it is give way.
 */
export interface Quote {
  readonly type: 'quote'
  readonly account: string
  readonly symbol: string
  /** Left as they are when absent. */
  readonly bids?: readonly (readonly [price: number, quantity: number])[]
  /** Left as they are when absent. */
  readonly asks?: readonly (readonly [price: number, quantity: number])[]
}

/**
 * Sets how much a house account shows at some prices of one symbol, and leaves what it shows at others: 0 is no more of it. Queues are kept as at
 * `quote`, and quantities and grids are the same; of several prices that fall on one tick the sum counts. The house's own orders
 * that a new price crosses give way.
 */
export interface ShowLevels {
  readonly type: 'levels'
  readonly account: string
  readonly symbol: string
  readonly bids: readonly (readonly [price: number, quantity: number])[]
  readonly asks: readonly (readonly [price: number, quantity: number])[]
}

/**
 * A house account takes what rests up to a price, best price and oldest order first; what is not there is left. The
 * price is put on the tick towards the other side (a BUY upwards), the size downwards. The quantity is in base currency, of
 * contracts too.
 */
export interface Take {
  readonly type: 'take'
  readonly account: string
  readonly symbol: string
  readonly action: Action
  readonly price: number
  readonly quantity: number
}

/** What the exchange can be told. */
export type Command = OpenAccount | Deposit | Place | Cancel | Quote | ShowLevels | Take
