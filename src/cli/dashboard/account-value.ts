import type { Assets } from '../../protocol/index.js'
import type { AccountState } from './account-state.js'
import { unrealisedOf } from './position-summary.js'
import { harmless } from '../format/text.js'

/**
 * Currencies of a symbol, as the server names them; by default, from the spelling of the symbol.
 */
export function currenciesOf({ infos }: AccountState, symbol: string): { base: string; quote: string } {
  const info = infos.get(symbol)
  if (info !== undefined) return { base: harmless(info.base_currency), quote: harmless(info.quote_currency) }
  const [base = symbol, quote = ''] = symbol.split(/[/_-]/)
  return { base, quote }
}

/** Currency in which the account is valued: the quote currency of its first symbol. */
export const valuedIn = (account: AccountState): string => currenciesOf(account, account.symbols[0] ?? '').quote

/** Last price of a symbol, or the middle of its best prices while there is no trade. */
export function priceOf({ tickers }: AccountState, symbol: string): number | undefined {
  const ticker = tickers.get(symbol)
  if (ticker === undefined) return undefined
  if (ticker.last > 0) return ticker.last
  return ticker.bid > 0 && ticker.ask > 0 ? (ticker.bid + ticker.ask) / 2 : undefined
}

/**
 * Price of a currency in the currency of the account; undefined without a symbol that quotes it.
 */
function worthOf(account: AccountState, currency: string): number | undefined {
  const money = valuedIn(account)
  if (currency === money) return 1
  const symbol = account.symbols.find((name) => {
    const { base, quote } = currenciesOf(account, name)
    return base === currency && quote === money
  })
  return symbol === undefined ? undefined : priceOf(account, symbol)
}

function valueOf(account: AccountState, amounts: Iterable<readonly [string, number]>): number | undefined {
  let sum = 0
  for (const [currency, amount] of amounts) {
    if (amount === 0) continue
    const worth = worthOf(account, currency)
    if (worth === undefined) return undefined
    sum += amount * worth
  }
  return sum
}

export const totalOf = (assets: Assets, currency: string): number =>
  Object.hasOwn(assets, currency) ? (assets[currency]?.total ?? 0) : 0

/**
 * Profit of the run at last prices: current balances less balances at the start. Excludes the gain
 * of the coins held from the start. Undefined while a changed currency has no price.
 */
export function profitOf(account: AccountState): number | undefined {
  const { start, assets } = account
  if (start === undefined || assets === undefined) return undefined
  const currencies = new Set([...Object.keys(start), ...Object.keys(assets)])
  return valueOf(
    account,
    [...currencies].map((currency) => [currency, totalOf(assets, currency) - totalOf(start, currency)] as const),
  )
}

/** Realised and unrealised PnL before fees; undefined while a symbol has no price. */
export function resultOf(
  account: AccountState,
): { readonly realised: number; readonly unrealised: number } | undefined {
  if (account.contractFills > 0) {
    const open = [...account.positions.values()].reduce(
      (sum, { long_unrealised_pnl, short_unrealised_pnl }) => sum + long_unrealised_pnl + short_unrealised_pnl,
      0,
    )
    const profit = profitOf(account)
    // The exchange deducts fees and funding from realised PnL and reports neither.
    return profit === undefined ? undefined : { realised: profit - open, unrealised: open }
  }
  let [realised, unrealised] = [0, 0]
  for (const [symbol, holding] of account.holdings) {
    const last = priceOf(account, symbol)
    const worth = worthOf(account, currenciesOf(account, symbol).quote)
    if (last === undefined || worth === undefined) return undefined
    realised += holding.realised * worth
    unrealised += unrealisedOf(holding, last) * worth
  }
  return { realised, unrealised }
}

/**
 * Gain of the balances held at the start through the market alone. Undefined while no price is
 * known.
 */
export function holdingOf(account: AccountState): number | undefined {
  const { start, symbols, firstPrices } = account
  if (start === undefined) return undefined
  let sum = 0
  const seen = new Set<string>()
  for (const symbol of symbols) {
    const { base, quote } = currenciesOf(account, symbol)
    const [first, last] = [firstPrices.get(symbol), priceOf(account, symbol)]
    if (seen.has(base) || quote !== valuedIn(account) || first === undefined || last === undefined) continue
    seen.add(base)
    sum += totalOf(start, base) * (last - first)
  }
  return seen.size === 0 ? undefined : sum
}

/**
 * Fees at last prices; undefined while a currency has no price. Fees of contracts come from the
 * fills; undefined if a fill has none.
 */
export const feesOf = (account: AccountState): number | undefined => {
  const fees = account.contractFills > 0 ? account.contractFees : account.fees
  return fees === undefined ? undefined : valueOf(account, fees)
}

/** Traded value; undefined for contracts, whose size is not known. */
export const volumeOf = ({ contractFills, volume }: AccountState): number | undefined =>
  contractFills > 0 ? undefined : volume
