import { exposureIn, type GateState, type Lock } from './gate.js'
import { type Interval, longOf, shortOf } from './exposure.js'
import type { Limits } from './limits.js'
import type { RiskCode } from './refused.js'

/** A symbol, as the gate reckons it. */
export interface SymbolRisk {
  readonly symbol: string
  /** What is held lies between these, whatever becomes of the open orders. Of a symbol that nets this is all there is. */
  readonly long: { readonly least: number; readonly most: number }
  readonly short: { readonly least: number; readonly most: number }
  /** Orders that may still fill. */
  readonly working: number
  /** Orders whose fate is not known. */
  readonly unknown: number
  readonly reference: { readonly price: number; readonly at: number } | undefined
}

/** The gate, for display. */
export interface RiskState {
  readonly lock: Lock
  readonly symbols: readonly SymbolRisk[]
  /** How many orders were refused, by reason. */
  readonly refusals: Readonly<Partial<Record<RiskCode, number>>>
  readonly lastRefusal: GateState['lastRefusal']
}

const plain = ({ least, most }: Interval) => ({ least: least.toNumber(), most: most.toNumber() })

export const viewOf = (limits: Limits, state: GateState): RiskState => ({
  lock: state.lock,
  symbols: [...new Set([...limits.symbols, ...state.exposures.keys()])].map((symbol) => {
    const exposure = exposureIn(state, symbol)
    const orders = [...exposure.orders.values()]
    return {
      symbol,
      long: plain(longOf(exposure)),
      short: plain(shortOf(exposure)),
      working: orders.length,
      unknown: orders.filter(({ status }) => status === 'UNKNOWN').length,
      reference: state.references.get(symbol),
    }
  }),
  refusals: Object.fromEntries(state.refusals),
  lastRefusal: state.lastRefusal,
})
