/**
 * A run written down as plain data: whatever a backtest, paper or a live account did, statistics
 * and the report read this.
 */
export interface RunLedger {
  /** Milliseconds since 1970. */
  readonly startMs: number
  readonly endMs: number
  /** Currency in which equity, values and results are counted, such as USDT. */
  readonly quote: string
  readonly orders: readonly LedgerOrder[]
  readonly fills: readonly LedgerFill[]
  /** Funding of contracts. */
  readonly funding: readonly FundingPayment[]
  /** Forced closes of contracts. */
  readonly liquidations: readonly Liquidation[]
  /** Equity at each bar, ascending in time. */
  readonly equity: readonly EquityPoint[]
  /**
   * Equity at each 00:00 UTC, ascending; the first value is the starting balance. A day that is not
   * over is left out.
   */
  readonly daily: readonly EquityPoint[]
  /**
   * Prices by symbol, ascending in time: for pictures and excursions. Where each platform has a
   * market of its own, by `platform symbol`.
   */
  readonly bars: Readonly<Record<string, readonly PriceBar[]>>
  /** Remarks on what the equity leaves out: balances without a price. */
  readonly notes?: readonly string[] | undefined
}

/**
 * Outcome of an order: `canceled` by the caller, `missed` where an immediate order found nothing to
 * take, `rejected` by the exchange, `denied` by the library before it was sent, `unknown` where no
 * evidence was found.
 */
export type OrderOutcome = 'filled' | 'canceled' | 'missed' | 'rejected' | 'denied' | 'unknown' | 'open'

/** An order that was sent, or was to be sent. */
export interface LedgerOrder {
  readonly platform: string
  readonly symbol: string
  /** Number of the exchange; absent where there is none. */
  readonly orderNo?: string | undefined
  readonly side: 'BUY' | 'SELL'
  /** As in the protocol: LIMIT, MARKET, IOC … */
  readonly type: string
  /** Limit price in quote currency; absent for a market order. */
  readonly price?: number | undefined
  readonly quantity: number
  /** Part of the quantity that was filled. */
  readonly filled: number
  readonly outcome: OrderOutcome
  /**
   * Short code of a refusal, such as `insufficient balance`, and the message of the side that
   * refused.
   */
  readonly code?: string | undefined
  readonly message?: string | undefined
  /** Times of sending and of the exchange's acknowledgement, milliseconds since 1970. */
  readonly sentMs: number
  readonly acknowledgedMs?: number | undefined
  /** Reason that the strategy gave: `reason` of its intent. */
  readonly reason?: string | undefined
}

/** A fill with its costs. */
export interface LedgerFill {
  readonly atMs: number
  readonly platform: string
  readonly symbol: string
  readonly orderNo: string
  readonly side: 'BUY' | 'SELL'
  /** In quote currency. */
  readonly price: number
  /** In base currency; for contracts contracts times their size. */
  readonly quantity: number
  readonly liquidity?: 'MAKER' | 'TAKER' | undefined
  /** In `feeCurrency`, negative for a rebate. */
  readonly fee: number
  readonly feeCurrency: string
  /** Worth of the fee in quote currency; undefined where the rate is not known. */
  readonly feeInQuote: number | undefined
  /** Middle of the best bid and ask when the order was sent. */
  readonly midWhenSent?: number | undefined
}

/** Funding that a position received, or paid if negative, in quote currency. */
export interface FundingPayment {
  readonly atMs: number
  readonly platform: string
  readonly symbol: string
  readonly amount: number
}

export interface Liquidation {
  readonly atMs: number
  readonly platform: string
  readonly symbol: string
  readonly quantity: number
  readonly price: number
}

/** Worth of an account at an instant, in quote currency, every asset at its mark price. */
export interface EquityPoint {
  readonly atMs: number
  readonly equity: number
  /** The balances of the start, held. */
  readonly benchmark?: number | undefined
  /** Sum of the absolute values of all positions; for spot, of all that is not quote currency. */
  readonly exposure?: number | undefined
}

/** Prices of one period, in quote currency. */
export interface PriceBar {
  /** Begin of the period, milliseconds since 1970. */
  readonly atMs: number
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
}
