import type { Account, BalanceView } from './accounts/account.js'
import { Contract, settlementCurrency, settlementDecimals } from './contracts/contract.js'
import { ContractSettlement, type Settlements } from './contracts/contract-settlement.js'
import type { Counters } from './accounts/counters.js'
import { decimalsOf } from './numbers/decimal.js'
import { type Held, MarginAccount } from './contracts/margin-account.js'
import { Market } from './matching/symbol-market.js'
import type { Report } from './event-collector.js'
import { SpotSettlement } from './spot/spot.js'
import { quoteDecimals, SpotPair } from './spot/spot-pair.js'
import type { SymbolSpec } from './symbols.js'

/** The places that each currency's money needs; eight at least. */
export function currencyDecimals(specs: readonly SymbolSpec[]): Map<string, number> {
  const decimals = new Map<string, number>()
  const needs = (currency: string, places: number) =>
    decimals.set(currency, Math.max(8, places, decimals.get(currency) ?? 0))
  for (const spec of specs) {
    needs(spec.base, spec.kind === 'spot' ? decimalsOf(spec.sizeTick) : 8)
    needs(spec.quote, spec.kind === 'spot' ? quoteDecimals(spec) : 8)
    if (spec.kind !== 'spot') needs(settlementCurrency(spec), settlementDecimals(spec))
  }
  return decimals
}

/** The markets of an exchange, and what their contracts hang together by. */
export interface Venue {
  readonly markets: ReadonlyMap<string, Market>
  /** By settlement currency. */
  readonly groups: ReadonlyMap<string, MarginAccount>
  readonly helds: ReadonlyMap<Market, Held>
  readonly settlements: Settlements
}

/** Parts of a venue. */
export interface VenueParts {
  readonly decimals: ReadonlyMap<string, number>
  /** Filled with the views of currencies that carry margin. */
  readonly views: Map<string, BalanceView>
  readonly fees: Account
  readonly report: Report
  readonly counters: Counters
}

/** Makes the markets that the specifications describe. */
export function makeVenue(
  specs: readonly SymbolSpec[],
  { decimals, views, fees, report, counters }: VenueParts,
): Venue {
  const markets = new Map<string, Market>()
  const groups = new Map<string, MarginAccount>()
  const helds = new Map<Market, Held>()
  const settlements = new Map<Held, ContractSettlement>()
  for (const spec of specs) {
    if (markets.has(spec.symbol)) throw new RangeError(`${spec.symbol} is there twice`)
    if (spec.kind === 'spot') {
      const pair = new SpotPair(spec, decimals)
      markets.set(spec.symbol, new Market(pair, counters, new SpotSettlement(pair, fees, report)))
      continue
    }
    const contract = new Contract(spec, decimals)
    const { currency } = contract
    const group = groups.get(currency) ?? new MarginAccount(currency, contract.valueDecimals)
    groups.set(currency, group)
    views.set(currency, (account) => group.balance(account))
    const market: Market = new Market(contract, counters, (own) => {
      const held = { contract, market: own, positions: new Map(), group }
      group.held.push(held)
      helds.set(own, held)
      const settlement = new ContractSettlement(held, group, fees, report, () => counters.nowMs)
      settlements.set(held, settlement)
      return settlement
    })
    markets.set(spec.symbol, market)
  }
  for (const { symbol, kind, base, quote } of specs) {
    // Money that carries margin is not all there to be spent.
    if (kind === 'spot' && (groups.has(base) || groups.has(quote))) {
      throw new RangeError(`${symbol} cannot be traded where contracts are settled in ${base} or ${quote}`)
    }
  }
  return { markets, groups, helds, settlements }
}
