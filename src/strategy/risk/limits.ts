import type { Observable } from 'rxjs'

/** One number for all symbols, or one for each. A symbol that is not named may not be traded. */
export type PerSymbol = number | Readonly<Record<string, number>>

/** A price to judge orders by: the last trade, the mid of the book, an index. */
export interface Reference {
  readonly symbol: string
  readonly price: number
}

/** So many within so long. */
export interface RateLimit {
  readonly count: number
  readonly withinMs: number
}

/** A pull of the kill switch. */
export interface KillSwitch {
  /** In words, for whoever reads the state later. */
  readonly reason: string
  /** Whether to cancel all orders and close the positions as well. @default false */
  readonly flatten?: boolean
}

/** How much is held, both ways; positions that net (spot) use `long` alone, negative when short. */
export interface PositionQuantity {
  readonly long?: number
  readonly short?: number
}

/** What the gate lets pass. Infinity lifts a limit; the four that have no default must be thought about. */
export interface RiskLimits {
  /** Largest quantity of one order, in base currency or contracts. A spot market buy is judged by its value alone. */
  readonly maxOrderSize: PerSymbol
  /** Largest price times quantity of one order, in quote currency. (Of contracts: times the contract's size, by yourself.) */
  readonly maxOrderValue: PerSymbol
  /**
   * Largest position, long and short alike, in base currency or contracts: held, plus all that may still fill. Orders of unknown fate count
   * until they are settled.
   */
  readonly maxPosition: PerSymbol
  /** What prices are judged by. An order of a symbol without a fresh one is refused. */
  readonly reference$: Observable<Reference>
  /** How old a reference may be, in ms, by the time it arrived. @default 5000 */
  readonly referenceMaxAgeMs?: number
  /** How far a limit price may be from the reference, either way, as a fraction of it. @default 0.05 */
  readonly maxDeviation?: number
  /** Symbols that may be traded. @default those of the account */
  readonly symbols?: readonly string[]
  /** Symbols of contracts in hedge mode, where the sign of a quantity means long or short. @default none */
  readonly contracts?: readonly string[]
  /** What is held when the gate is made. @default nothing */
  readonly held?: Readonly<Record<string, PositionQuantity>>
  /** Orders beyond this pace are refused one by one. @default 20 within 1000 ms */
  readonly rate?: RateLimit
  /** Attempts (refused ones too) beyond this pace shut the gate until it is reopened by hand. @default 100 within 10000 ms */
  readonly runaway?: RateLimit
  /** Orders just alike beyond this pace shut the gate until it is reopened by hand. @default 3 within 1000 ms */
  readonly duplicates?: RateLimit
  /**
   * What becomes of an order after a drop, until the account's views stand again (`tradable$`). `refuse`: it is refused (`account-unknown`).
   * `hold`: it is judged by what was known before the drop, and waits in the client's queue, as long as its age allows.
   * @default refuse
   */
  readonly whileUnknown?: 'refuse' | 'hold'
  /** Pulls the kill switch at each value. If it fails, that is a pull too. @default never */
  readonly kill$?: Observable<KillSwitch>
}

/** The limits with their defaults, checked. */
export type Limits = Required<Omit<RiskLimits, 'reference$' | 'kill$' | 'held'>>

const demand = (holds: boolean, words: string) => {
  if (!holds) throw new RangeError(`risk limits: ${words}`)
}

const checkPerSymbol = (name: string, limit: PerSymbol) => {
  for (const value of typeof limit === 'number' ? [limit] : Object.values(limit)) {
    demand(value >= 0, `${name} must be 0 or more, and is ${value}`)
  }
}

const checkPace = (name: string, { count, withinMs }: RateLimit) => {
  demand(count >= 0, `the count of ${name} must be 0 or more, and is ${count}`)
  demand(withinMs > 0, `withinMs of ${name} must be above 0, and is ${withinMs}`)
}

/** A limit that is NaN would let everything pass, so limits are checked when the gate is made. */
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
  demand(referenceMaxAgeMs > 0, `referenceMaxAgeMs must be above 0, and is ${referenceMaxAgeMs}`)
  demand(
    (maxDeviation >= 0 && maxDeviation < 1) || maxDeviation === Infinity,
    `maxDeviation is a fraction from 0 to 1, or Infinity, and is ${maxDeviation}`,
  )
  checkPace('rate', rate)
  checkPace('runaway', runaway)
  checkPace('duplicates', duplicates)
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

/** The limit of a symbol; undefined for one that is not named. */
export const limitOf = (limit: PerSymbol, symbol: string): number | undefined =>
  typeof limit === 'number' ? limit : Object.hasOwn(limit, symbol) ? limit[symbol] : undefined
