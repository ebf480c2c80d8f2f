import type { Assets, CancelResult, Fill, Order, Position, Ticker, Trade } from '../protocol/index.js'

/** The answer to a `place`: the order exists. Comes before its first `order` event. */
export interface Accepted {
  readonly type: 'accepted'
  readonly account: string
  readonly ref: string | undefined
  readonly order_no: string
}

/** The answer to a command that changed nothing. */
export interface Refused {
  readonly type: 'refused'
  readonly account: string
  readonly ref: string | undefined
  /** What was wrong, in words. */
  readonly message: string
}

/** The answer to a `cancel`: one result per order named, or per open order when none was. */
export interface CancelResults {
  readonly type: 'cancel-results'
  readonly account: string
  readonly ref: string | undefined
  readonly results: readonly CancelResult[]
}

/** An order was accepted or changed. `data` is that of the notice. */
export interface OrderEvent {
  readonly type: 'order'
  readonly account: string
  readonly data: Order
}

/** An order traded. `data` is that of the notice; the fee is told beside it. */
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

/** The best prices or the last one changed: at most once per command and symbol, after everything else. */
export interface TickerEvent {
  readonly type: 'ticker'
  readonly data: Ticker
}

/** Something in the order book changed: at most once per command and symbol. Ask `depth` for what it is now. */
export interface BookEvent {
  readonly type: 'book'
  readonly symbol: string
  readonly timestamp: number
}

/** What the exchange tells, in the order in which it happened. */
export type ExchangeEvent =
  | Accepted
  | Refused
  | CancelResults
  | OrderEvent
  | FillEvent
  | AssetsEvent
  | PositionEvent
  | TradeEvent
  | TickerEvent
  | BookEvent
