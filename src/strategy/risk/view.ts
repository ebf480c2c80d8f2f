import type { OrderRequest } from '../../client/index.js'
import { exposureIn, type GateState, type RiskDenial, type TradingState } from './state/gate.js'
import { type Interval, isDoubtful, longOf, shortOf } from './state/exposure.js'
import { limitOf, type Limits } from './limits.js'
import type { RiskCode } from './order-denied.js'

/** Exposure and limits of a symbol. */
export interface SymbolRisk {
  readonly symbol: string
  /**
   * Bounds of the long position, whatever open orders fill. Of a netting symbol: bounds of the
   * whole position.
   */
  readonly long: { readonly min: number; readonly max: number }
  readonly short: { readonly min: number; readonly max: number }
  /** Number of orders that may still fill. */
  readonly working: number
  /**
   * Number of missing orders: their possible fills count both ways until the position is looked up.
   */
  readonly missing: number
  /** True if notices were missed and the position must be looked up. */
  readonly missed: boolean
  /** Number of unresolved orders. */
  readonly unknown: number
  readonly reference: { readonly price: number; readonly at: number } | undefined
  /**
   * Largest position, long or short, that open orders can lead to. Bounded by `limits.position`.
   */
  readonly used: number
  /** Limits of the symbol. Undefined: orders of the symbol are denied. */
  readonly limits: {
    readonly orderSize: number | undefined
    readonly orderValue: number | undefined
    readonly position: number | undefined
  }
}

/** State of the risk engine, for display. */
export interface RiskState {
  readonly lock: TradingState
  /** `unknown`: after a drop, until the account is reconciled. */
  readonly account: 'new' | 'known' | 'unknown'
  readonly symbols: readonly SymbolRisk[]
  /** Number of denied orders, by reason. */
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
