import type { Assets, CancelResult, Fill, Order, Position, Ticker, Trade } from '../protocol/index.js'

/** The answer to a `place`: the order exists. Comes before its first `order` event. */
export interface AcceptedEvent {
  readonly type: 'accepted'
  readonly account: string
  readonly ref: string | undefined
  readonly order_no: string
}

/** The answer to a command that changed nothing. */
export interface RefusedEvent {
  readonly type: 'refused'
  readonly account: string
  readonly ref: string | undefined
  /** Description of the fault. */
  readonly message: string
}

/** The answer to a `cancel`: one result per order named, or per open order when none was. */
export interface CancelResultsEvent {
  readonly type: 'cancel-results'
  readonly account: string
  readonly ref: string | undefined
  readonly results: readonly CancelResult[]
}

/** An order was accepted or changed. `data` is that of the notice. */
export interface OrderStatusEvent {
  readonly type: 'order'
  readonly account: string
  readonly data: Order
}

/** An order traded. `data` is that of the notice; the fee stands beside it. */
export interface FillEvent {
  readonly type: 'fill'
  readonly account: string
  readonly data: Fill
  /** Taken from what was received, already off the balance; negative for a rebate. */
  readonly fee: number
  readonly fee_currency: string
}

/** Balances changed: the currencies that did, each whole. */
export interface AssetsEvent {
  readonly type: 'assets'
  readonly account: string
  readonly data: Assets
}

/** A position changed. */
export interface PositionEvent {
  readonly type: 'position'
  readonly account: string
  readonly data: Position
}

/** A trade, as the public sees it. */
export interface TradeEvent {
  readonly type: 'trade'
  readonly data: Trade
}

/**
 * The best prices or the last one changed: at most once per command and symbol, after everything
 * else.
 */
export interface TickerEvent {
  readonly type: 'ticker'
  readonly data: Ticker
}

/**
 * Something in the order book changed: at most once per command and symbol. Ask `depth` for what it
 * is now.
 */
export interface BookEvent {
  readonly type: 'book'
  readonly symbol: string
  readonly timestamp: number
}

/**
 * An account could no longer carry its positions: the events that follow, until its positions are
 * reported, are actions of the exchange.
 */
export interface LiquidationEvent {
  readonly type: 'liquidation'
  readonly account: string
  /** The settlement currency of the two amounts. */
  readonly currency: string
  /** The symbol of a fixed-margin position; undefined for all crossed ones of the currency. */
  readonly symbol: string | undefined
  /** Margin behind the positions, and the margin required. */
  readonly backing: number
  readonly maintenance: number
  readonly timestamp: number
}

/**
 * A position was closed, or part of it, against one that could not be carried any longer: see
 * `Deleveraging`. A position event follows.
 */
export interface DeleveragingEvent {
  readonly type: 'deleveraging'
  readonly account: string
  readonly symbol: string
  readonly side: 'long' | 'short'
  /** In contracts. */
  readonly quantity: number
  readonly price: number
  readonly timestamp: number
}

/** A position paid or received funding. Its profit went to the balance at the same time. */
export interface FundingEvent {
  readonly type: 'funding'
  readonly account: string
  readonly symbol: string
  /** Amount received; negative if paid. */
  readonly amount: number
  readonly currency: string
  readonly rate: number
  /** Due time, in ms since 1970. */
  readonly timestamp: number
}

/** Events of the exchange, in order. */
export type ExchangeEvent =
  | AcceptedEvent
  | RefusedEvent
  | CancelResultsEvent
  | OrderStatusEvent
  | FillEvent
  | AssetsEvent
  | PositionEvent
  | LiquidationEvent
  | DeleveragingEvent
  | FundingEvent
  | TradeEvent
  | TickerEvent
  | BookEvent
