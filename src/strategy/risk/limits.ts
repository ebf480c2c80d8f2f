import type { Observable } from 'rxjs'

/** One limit for all symbols, or one per symbol. Orders of a symbol without a limit are denied. */
export type PerSymbol = number | Readonly<Record<string, number>>

/** Reference price to check orders against: the last trade, the mid of the book, an index. */
export interface Reference {
  readonly symbol: string
  readonly price: number
}

/** Largest number of events within a time. */
export interface RateLimit {
  readonly count: number
  readonly withinMs: number
}

/** Activation of the kill switch. */
export interface KillSwitch {
  /** Reason in words; shown in the state. */
  readonly reason: string
  /** True to cancel all orders and close the positions too. @default false */
  readonly flatten?: boolean
}

/** Position of a symbol, by side. Netting positions (spot) use `long` only, negative when short. */
export interface PositionQuantity {
  readonly long?: number
  readonly short?: number
}

/**
 * Limits of the risk engine. Infinity disables a limit. The four without a default are required.
 */
export interface RiskLimits {
  /**
   * Largest quantity of one order, in base currency or contracts. Does not apply to a spot market
   * buy, which is sized in quote currency.
   */
  readonly maxOrderSize: PerSymbol
  /**
   * Largest price × quantity of one order, in quote currency. For contracts the contract size is
   * not included: scale the limit by it.
   */
  readonly maxOrderValue: PerSymbol
  /**
   * Largest position, long or short, in base currency or contracts. Includes everything that open
   * orders may still fill. Unresolved orders count until they are resolved.
   */
  readonly maxPosition: PerSymbol
  /** Reference prices. An order of a symbol without a fresh one is denied. */
  readonly reference$: Observable<Reference>
  /** Largest age of a reference price, in ms since its arrival. @default 5000 */
  readonly referenceMaxAgeMs?: number
  /** Largest distance of a limit price from the reference, as a fraction of it. @default 0.05 */
  readonly maxDeviation?: number
  /** Symbols that may be traded. @default those of the account */
  readonly symbols?: readonly string[]
  /** Contracts in hedge mode, where the sign of a quantity selects long or short. @default none */
  readonly contracts?: readonly string[]
  /** Positions at the start. @default none */
  readonly held?: Readonly<Record<string, PositionQuantity>>
  /** Largest rate of orders. Orders above it are denied one by one. @default 20 within 1000 ms */
  readonly rate?: RateLimit
  /**
   * Largest rate of attempts, denied ones included. Above it trading is tripped until `reopen`.
   * @default 100 within 10000 ms
   */
  readonly runaway?: RateLimit
  /**
   * Largest rate of orders with equal terms. Above it trading is tripped until `reopen`.
   * @default 3 within 1000 ms
   */
  readonly duplicates?: RateLimit
  /**
   * Treatment of orders after a drop, until the account is reconciled (`tradable$`). `refuse`:
   * denied (`account-unknown`). `hold`: checked against the state before the drop; then the order
   * waits in the client's command queue up to its largest age.
   * @default refuse
   */
  readonly whileUnknown?: 'refuse' | 'hold'
  /** Activates the kill switch at each value, and when it errors. @default never */
  readonly kill$?: Observable<KillSwitch>
}

/** Limits with defaults, validated. */
export type Limits = Required<Omit<RiskLimits, 'reference$' | 'kill$' | 'held'>>

const requireLimit = (holds: boolean, words: string) => {
  if (!holds) throw new RangeError(`risk limits: ${words}`)
}

const checkPerSymbol = (name: string, limit: PerSymbol) => {
  for (const value of typeof limit === 'number' ? [limit] : Object.values(limit)) {
    requireLimit(value >= 0, `${name} must be 0 or more, but is ${value}`)
  }
}

const checkRate = (name: string, { count, withinMs }: RateLimit) => {
  requireLimit(count >= 0, `the count of ${name} must be 0 or more, but is ${count}`)
  requireLimit(withinMs > 0, `withinMs of ${name} must be above 0, but is ${withinMs}`)
}

/**
 * Validates the limits and adds defaults. A limit of NaN would let every order pass.
 *
 * @throws RangeError if a limit is out of range
 */
export const limitsOf = (limits: RiskLimits, symbols: readonly string[]): Limits => {
  const {
    maxOrderSize,
    maxOrderValue,
    maxPosition,
    referenceMaxAgeMs = 5_000,
    maxDeviation = 0.05,
    contracts = [],
    rate = { count: 20, withinMs: 1_000 },
    runaway = { count: 100, withinMs: 10_000 },
    duplicates = { count: 3, withinMs: 1_000 },
    whileUnknown = 'refuse',
  } = limits
  checkPerSymbol('maxOrderSize', maxOrderSize)
  checkPerSymbol('maxOrderValue', maxOrderValue)
  checkPerSymbol('maxPosition', maxPosition)
  requireLimit(referenceMaxAgeMs > 0, `referenceMaxAgeMs must be above 0, but is ${referenceMaxAgeMs}`)
  requireLimit(
    (maxDeviation >= 0 && maxDeviation < 1) || maxDeviation === Infinity,
    `maxDeviation must be a fraction from 0 to 1, or Infinity, but is ${maxDeviation}`,
  )
  checkRate('rate', rate)
  checkRate('runaway', runaway)
  checkRate('duplicates', duplicates)
  return {
    maxOrderSize,
    maxOrderValue,
    maxPosition,
    referenceMaxAgeMs,
    maxDeviation,
    contracts,
    rate,
    runaway,
    duplicates,
    whileUnknown,
    symbols: limits.symbols ?? symbols,
  }
}

/** Limit of a symbol; undefined for a symbol without one. */
export const limitOf = (limit: PerSymbol, symbol: string): number | undefined =>
  typeof limit === 'number' ? limit : Object.hasOwn(limit, symbol) ? limit[symbol] : undefined
