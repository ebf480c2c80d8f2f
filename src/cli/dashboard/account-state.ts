import type { InterfaceState } from '../../client/index.js'
import { type Assets, type Order, type Position, type SymbolInfo, type Ticker } from '../../protocol/index.js'
import { stateName } from '../../protocol/internal.js'
import type { RiskState } from '../../strategy/index.js'
import type { UnresolvedDetails } from './unresolved-details.js'
import type { PositionSummary } from './position-summary.js'
import { emptySeries, type Series } from './series.js'

/** State of one account for display. Immutable. */
export interface AccountState {
  readonly platform: string
  readonly symbols: readonly string[]
  readonly state: InterfaceState | undefined
  readonly ready: boolean
  /** Number of orders that the strategy sent, and their outcomes. */
  readonly sent: number
  readonly placed: number
  readonly refused: number
  readonly notSent: number
  readonly unknown: number
  /** Orders that are unresolved now. */
  readonly unsettled: readonly UnresolvedDetails[]
  /** Number of gaps that the server did not recover: fills and fees may be incomplete after one. */
  readonly gaps: number
  /** Open orders of the account, by symbol and order_no. */
  readonly open: ReadonlyMap<string, Order>
  readonly fills: number
  /**
   * Number of fills of contracts: quantities and balances do not determine their value and fees.
   */
  readonly contractFills: number
  /** Sum of the quantities of those fills. */
  readonly contracts: number
  /** Fees of those fills by currency; undefined once a fill came without its fee. */
  readonly contractFees: ReadonlyMap<string, number> | undefined
  /** Positions in contracts, by symbol. */
  readonly positions: ReadonlyMap<string, Position>
  /** Amounts moved by fills, by currency and before fees. */
  readonly flows: ReadonlyMap<string, number>
  /** Traded value, in quote currency. */
  readonly volume: number
  readonly start: Assets | undefined
  readonly assets: Assets | undefined
  /** Fees by currency: amounts moved by fills less changes of the balances. */
  readonly fees: ReadonlyMap<string, number>
  /** Position of each spot symbol, from its fills. */
  readonly holdings: ReadonlyMap<string, PositionSummary>
  /** First price of each symbol. */
  readonly firstPrices: ReadonlyMap<string, number>
  /** State of each risk gate of the strategy. */
  readonly gates: ReadonlyMap<number, RiskState>
  readonly infos: ReadonlyMap<string, SymbolInfo>
  readonly tickers: ReadonlyMap<string, Ticker>
  /** Prices of the first symbol, and the profit, over the run. */
  readonly priceSeries: Series
  readonly profitSeries: Series
  /** Orders that have ended recently: late notices may follow. */
  readonly ended: readonly string[]
}

export const newAccount = (platform: string, symbols: readonly string[]): AccountState => ({
  platform,
  symbols,
  state: undefined,
  ready: false,
  sent: 0,
  placed: 0,
  refused: 0,
  notSent: 0,
  unknown: 0,
  unsettled: [],
  gaps: 0,
  open: new Map(),
  fills: 0,
  contractFills: 0,
  contracts: 0,
  contractFees: new Map(),
  positions: new Map(),
  flows: new Map(),
  volume: 0,
  start: undefined,
  assets: undefined,
  fees: new Map(),
  holdings: new Map(),
  firstPrices: new Map(),
  gates: new Map(),
  infos: new Map(),
  tickers: new Map(),
  priceSeries: emptySeries,
  profitSeries: emptySeries,
  ended: [],
})

/** State of the login, in a word or two. */
export const standing = ({ state, ready }: AccountState): string =>
  ready ? 'READY' : state === undefined ? 'logging in' : state.name === 'READY' ? 'not ready' : stateName(state.code)
