import type { OrderRequest } from '../../client/index.js'
import { exposureIn, type GateState, type RiskDenial, type TradingState } from './state/gate.js'
import { type Interval, isDoubtful, longOf, shortOf } from './state/exposure.js'
import { limitOf, type Limits } from './limits.js'
import type { RiskCode } from './order-denied.js'

/** A symbol, as the gate reckons it. */
export interface SymbolRisk {
  readonly symbol: string
  /** What is held lies between these, whatever becomes of the open orders. Of a symbol that nets this is all there is. */
  readonly long: { readonly min: number; readonly max: number }
  readonly short: { readonly min: number; readonly max: number }
  /** Orders that may still fill. */
  readonly working: number
  /** Orders that ended while notices were missed: what they have filled counts both ways, until what is held is looked up. */
  readonly missing: number
  /** Whether notices were missed, and nobody knows what is held before it has been looked up. */
  readonly missed: boolean
  /** Orders whose fate is not known. */
  readonly unknown: number
  readonly reference: { readonly price: number; readonly at: number } | undefined
  /** The largest position that may come of what is held and what is open, long or short. `limits.position` bounds it. */
  readonly used: number
  /** Undefined: the symbol has no such limit, and may not be traded. */
  readonly limits: {
    readonly orderSize: number | undefined
    readonly orderValue: number | undefined
    readonly position: number | undefined
  }
}

/** The gate, for display. */
export interface RiskState {
  readonly lock: TradingState
  /** `unknown`: after a drop, until the account's views stand again. */
  readonly account: 'new' | 'known' | 'unknown'
  readonly symbols: readonly SymbolRisk[]
  /** How many orders were refused, by reason. */
  readonly refusals: Readonly<Partial<Record<RiskCode, number>>>
  readonly lastRefusal: (RiskDenial & { readonly order: OrderRequest; readonly at: number }) | undefined
}

const plain = ({ min, max }: Interval) => ({ min: min.toNumber(), max: max.toNumber() })

export const viewOf = (limits: Limits, state: GateState): RiskState => ({
  lock: state.lock,
  account: state.account,
  symbols: [...new Set([...limits.symbols, ...state.exposures.keys()])].map((symbol) => {
    const exposure = exposureIn(state, symbol)
    const orders = [...exposure.orders.values()]
    const missing = orders.filter(({ status }) => status === 'GONE').length
    const [long, short] = [plain(longOf(exposure)), plain(shortOf(exposure))]
    return {
      symbol,
      long,
      short,
      working: orders.length - missing,
      missing,
      missed: isDoubtful(exposure),
      unknown: orders.filter(({ status }) => status === 'UNKNOWN').length,
      reference: state.references.get(symbol),
      used: Math.max(...[long, short].flatMap(({ min, max }) => [Math.abs(min), Math.abs(max)])),
      limits: {
        orderSize: limitOf(limits.maxOrderSize, symbol),
        orderValue: limitOf(limits.maxOrderValue, symbol),
        position: limitOf(limits.maxPosition, symbol),
      },
    }
  }),
  refusals: Object.fromEntries(state.refusals),
  lastRefusal: state.lastRefusal,
})
