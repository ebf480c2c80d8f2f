import type { InterfaceState } from '../../client/index.js'
import { type Assets, type Order, type Position, type SymbolInfo, type Ticker } from '../../protocol/index.js'
import { stateName } from '../../protocol/internal.js'
import type { RiskState } from '../../strategy/index.js'
import type { UnresolvedDetails } from './unresolved-details.js'
import type { PositionSummary } from './position-summary.js'
import { emptySeries, type Series } from './series.js'

/** What is known of one account, for showing. Immutable. */
export interface AccountState {
  readonly platform: string
  readonly symbols: readonly string[]
  readonly state: InterfaceState | undefined
  readonly ready: boolean
  /** Orders that the strategy sent, and what became of them. */
  readonly sent: number
  readonly placed: number
  readonly refused: number
  readonly notSent: number
  readonly unknown: number
  /** Orders whose fate is not known now. */
  readonly unsettled: readonly UnresolvedDetails[]
  /** How often notices may have been missed and were not made up for: then fills and fees are not to be relied on. */
  readonly gaps: number
  /** Open orders of the account, by symbol and order_no. */
  readonly open: ReadonlyMap<string, Order>
  readonly fills: number
  /** Fills of contracts: what they moved, and what they cost, is not to be told from quantities and balances. */
  readonly contractFills: number
  /** Sum of the quantities of those fills. */
  readonly contracts: number
  /** Fees that those fills told, by currency; undefined once one did not tell its fee. */
  readonly contractFees: ReadonlyMap<string, number> | undefined
  /** By symbol; of contracts only. */
  readonly positions: ReadonlyMap<string, Position>
  /** What the fills have moved, by currency and before fees. */
  readonly flows: ReadonlyMap<string, number>
  /** What was traded, in the currency that it is quoted in. */
  readonly volume: number
  readonly start: Assets | undefined
  readonly assets: Assets | undefined
  /** By currency: what the fills moved less what the balances show. */
  readonly fees: ReadonlyMap<string, number>
  /** What the trades of each spot symbol have come to. */
  readonly holdings: ReadonlyMap<string, PositionSummary>
  /** The first price of each symbol. */
  readonly firstPrices: ReadonlyMap<string, number>
  /** The strategy's risk gates. */
  readonly gates: ReadonlyMap<number, RiskState>
  readonly infos: ReadonlyMap<string, SymbolInfo>
  readonly tickers: ReadonlyMap<string, Ticker>
  /** The first symbol's price, and the profit, over the run. */
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

/** Where the interface stands, in a word. */
export const standing = ({ state, ready }: AccountState): string =>
  ready ? 'READY' : state === undefined ? 'logging in' : state.name === 'READY' ? 'not ready' : stateName(state.code)
