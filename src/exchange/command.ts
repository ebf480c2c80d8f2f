import type { Action, OrderType } from '../protocol/index.js'

/**
 * Opens an account. Its first deposits may be given at once. Opening one that exists is refused.
 */
export interface OpenAccountCommand {
  readonly type: 'open-account'
  readonly account: string
  /** Amounts by currency, as decimal text or numbers. */
  readonly deposits?: Readonly<Record<string, string | number>>
  /**
   * The account of the market itself: unlimited funds (its balances may be negative), no minimum
   * sizes, and no notices of its own orders, fills and balances. Its trades pay no fees.
   *
   * @default false
   */
  readonly house?: boolean
}

/** Adds to an account's balance, or takes from what is free. */
export interface DepositCommand {
  readonly type: 'deposit'
  readonly account: string
  readonly ref?: string
  readonly currency: string
  /** Decimal text or a number; negative to withdraw. */
  readonly amount: string | number
}

/** Places an order; the fields are those of `place_order`. */
export interface PlaceCommand {
  readonly type: 'place'
  readonly account: string
  /** Comes back in the `accepted` or `refused` event. */
  readonly ref?: string
  readonly symbol: string
  readonly action: Action
  /** 0 for a MARKET order. */
  readonly price: number
  /**
   * In base currency; in quote currency for a spot MARKET BUY. In contracts for futures, where the
   * sign says which side is operated on: BUY +q opens long, SELL -q opens short, SELL +q closes
   * long, BUY -q closes short.
   */
  readonly quantity: number
  readonly order_type: OrderType
  /** Echoed in the order's events. */
  readonly cid?: string
  /** Milliseconds since 1970 after which the order is refused. */
  readonly valid_until?: number
}

/**
 * Cancels the named orders of one symbol, or all of the account's open orders there when none is
 * named.
 */
export interface CancelCommand {
  readonly type: 'cancel'
  readonly account: string
  /** Comes back in the `cancel-results` or `refused` event. */
  readonly ref?: string
  readonly symbol: string
  readonly order_nos: readonly string[]
}

/**
 * Replaces the orders of a market maker account in one symbol. Levels that stay keep their place in
 * the queue: a smaller quantity shrinks the order, a larger one adds an order behind. Quantities
 * are in base currency, also of contracts. Bids are rounded down to the tick, asks up, sizes down;
 * a quote that crosses the order of another account trades with it, while own orders of a side that
 * is left unchanged give way.
 */
export interface QuoteCommand {
  readonly type: 'quote'
  readonly account: string
  readonly symbol: string
  /** Left as they are when absent. */
  readonly bids?: readonly (readonly [price: number, quantity: number])[]
  /** Left as they are when absent. */
  readonly asks?: readonly (readonly [price: number, quantity: number])[]
  /**
   * The book is that of a recorded market: what orders of accounts have taken of a level stays
   * taken off it until the recording shows no more of that level.
   *
   * @default false
   */
  readonly recorded?: boolean
}

/**
 * Sets how much a house account shows at some prices of one symbol, and leaves what it shows at
 * others: 0 is no more of it. Queues are kept as at `quote`, and quantities and grids are the same;
 * of several prices that fall on one tick the sum counts. The house's own orders that a new price
 * crosses give way.
 */
export interface LevelsCommand {
  readonly type: 'levels'
  readonly account: string
  readonly symbol: string
  readonly bids: readonly (readonly [price: number, quantity: number])[]
  readonly asks: readonly (readonly [price: number, quantity: number])[]
  /** As at `quote`. @default false */
  readonly recorded?: boolean
}

/**
 * A house account takes what rests up to a price, best price and oldest order first; what is not
 * there is left. The price is put on the tick towards the other side (a BUY upwards), the size
 * downwards. The quantity is in base currency, of contracts too.
 */
export interface TakeCommand {
  readonly type: 'take'
  readonly account: string
  readonly symbol: string
  readonly action: Action
  readonly price: number
  readonly quantity: number
}

/**
 * Reports a trade of a recorded market, once and as recorded, and fills the resting orders of
 * accounts that it reaches; their fills are part of the recorded quantity. Orders at a better price
 * come first, at their price. Orders at the price of the trade wait behind the quantity of the
 * market maker before them; that much of the trade passes first, and counts as behind them
 * afterwards. The book of the market maker keeps its size: the recording gives the rest by `quote`
 * and `levels`. From the first one on, orders of accounts that a market maker's book crosses are
 * filled without a public trade, so that the public trades are those recorded and those that orders
 * of accounts begin.
 */
export interface TradeCommand {
  readonly type: 'trade'
  readonly account: string
  readonly symbol: string
  /** The aggressor's. */
  readonly action: Action
  /** Told as it is. For orders it is put on the tick as at `take`. */
  readonly price: number
  /** In base currency, of contracts too. Told in full; fills are of whole lots. */
  readonly quantity: number
  /** Timestamp of the public trade, in ms since 1970. @default the time of the command */
  readonly timestamp?: number
}

/**
 * A house account begins to play another market, which may be earlier than the one before: the time
 * of the exchange is set back to this instant. Times of change of orders and positions do not
 * decrease all the same. A later instant changes nothing.
 */
export interface SetBackCommand {
  readonly type: 'set-back'
  readonly account: string
  /** Milliseconds since 1970. */
  readonly timestamp: number
}

/** Commands of the exchange. */
export type ExchangeCommand =
  | OpenAccountCommand
  | DepositCommand
  | PlaceCommand
  | CancelCommand
  | QuoteCommand
  | LevelsCommand
  | TakeCommand
  | TradeCommand
  | SetBackCommand
