import type { CommandError, Gap, InterfaceState } from '../client/index.js'
import {
  type Assets,
  type Fill,
  type Order,
  type Position,
  type SymbolInfo,
  stateName,
  type Ticker,
} from '../protocol/index.js'
import type { RiskState } from '../strategy/index.js'
import type { Doubt } from './doubt.js'
import type { AccountEvent } from './run-event.js'
import { emptySeries, sample, type Series } from './series.js'
import { type Holding, holdingAfter, nothingHeld, unrealisedOf } from './holding.js'
import { harmless } from './text.js'

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
  readonly unsettled: readonly Doubt[]
  /** How often notices may have been missed and were not made up for: then fills and fees are not to be relied on. */
  readonly gaps: number
  /** Open orders of the account, by symbol and order_no. */
  readonly open: ReadonlyMap<string, Order>
  readonly fills: number
  /** Fills of contracts: what they moved, and what they cost, is not to be told from quantities and balances. */
  readonly contractFills: number
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
  readonly holdings: ReadonlyMap<string, Holding>
  /** The first price of each symbol. */
  readonly firstPrices: ReadonlyMap<string, number>
  /** The strategy's risk gates. */
  readonly gates: ReadonlyMap<number, RiskState>
  readonly infos: ReadonlyMap<string, SymbolInfo>
  readonly tickers: ReadonlyMap<string, Ticker>
  /** The first symbol's price, and the profit, over the run. */
  readonly priceSeries: Series
  readonly profitSeries: Series
  /** Recent order ends and fills: notices come twice, and late ones after the end. */
  readonly ended: readonly string[]
  readonly seenFills: readonly string[]
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
  seenFills: [],
})

const REMEMBERED = 500
const remember = (keys: readonly string[], key: string): readonly string[] => [...keys, key].slice(-REMEMBERED)
const keyOf = (...parts: readonly string[]): string => JSON.stringify(parts)
const over: ReadonlySet<string> = new Set(['FILLED', 'CANCELED', 'FAILED'])

/** What one event makes of an account. */
export function accountAfter(account: AccountState, event: AccountEvent): AccountState {
  switch (event.type) {
    case 'state':
      return { ...account, state: event.state }
    case 'ready':
      return { ...account, ready: event.ready }
    case 'symbol':
      return { ...account, infos: new Map(account.infos).set(event.symbol, event.info) }
    case 'ticker':
      return afterTicker(account, event.ticker)
    case 'gate':
      return { ...account, gates: new Map(account.gates).set(event.gate, event.risk) }
    case 'assets':
      return afterAssets(account, event.assets)
    case 'order':
      return afterOrder(account, event.order)
    case 'fill':
      return afterFill(account, event.fill)
    case 'position':
      return { ...account, positions: new Map(account.positions).set(event.position.symbol, event.position) }
    case 'sent':
      return { ...account, sent: account.sent + 1 }
    case 'placed':
      return { ...account, placed: account.placed + 1 }
    case 'failed':
      return event.error.op !== 'place_order' ? account : afterFailure(account, event.error._tag)
    case 'gap':
      return afterGap(account, event.gap)
    case 'unsettled':
      return { ...account, unsettled: event.orders }
  }
}

function afterFailure(account: AccountState, tag: CommandError['_tag']): AccountState {
  switch (tag) {
    case 'Rejected':
      return { ...account, refused: account.refused + 1 }
    case 'Unknown':
      return { ...account, unknown: account.unknown + 1 }
    // What the risk gate refused was not sent either.
    case 'NotSent':
    case 'RiskRefused':
      return { ...account, notSent: account.notSent + 1 }
  }
}

function afterTicker(account: AccountState, ticker: Ticker): AccountState {
  const after = { ...account, tickers: new Map(account.tickers).set(ticker.symbol, ticker) }
  const price = priceOf(after, ticker.symbol)
  if (price === undefined || account.firstPrices.has(ticker.symbol)) return after
  return { ...after, firstPrices: new Map(account.firstPrices).set(ticker.symbol, price) }
}

/** Time has passed. */
export const sampled = (account: AccountState): AccountState => {
  const [symbol = ''] = account.symbols
  const price = priceOf(account, symbol)
  const profit = profitOf(account)
  return {
    ...account,
    ...(price === undefined ? {} : { priceSeries: sample(account.priceSeries, price) }),
    ...(profit === undefined ? {} : { profitSeries: sample(account.profitSeries, profit) }),
  }
}

function afterAssets(account: AccountState, assets: Assets): AccountState {
  const start = account.start ?? assets
  const fees = new Map<string, number>()
  for (const [currency, flow] of account.flows) {
    const fee = flow - (totalOf(assets, currency) - totalOf(start, currency))
    // Sums of binary fractions leave dust.
    if (Math.abs(fee) > 1e-9) fees.set(currency, fee)
  }
  return { ...account, start, assets, fees }
}

function afterOrder(account: AccountState, order: Order): AccountState {
  const key = keyOf(order.symbol, order.order_no)
  if (account.ended.includes(key)) return account
  const open = new Map(account.open)
  if (!over.has(order.status)) return { ...account, open: open.set(key, order) }
  open.delete(key)
  return { ...account, open, ended: remember(account.ended, key) }
}

function afterGap(account: AccountState, { recovered, gone }: Gap): AccountState {
  if (recovered) return account
  const open = new Map(account.open)
  for (const { symbol, order_no } of gone) open.delete(keyOf(symbol, order_no))
  return { ...account, gaps: account.gaps + 1, open }
}

function afterFill(account: AccountState, fill: Fill): AccountState {
  const key = keyOf(fill.symbol, fill.order_no, fill.fill_no)
  if (account.seenFills.includes(key)) return account
  const counted = { ...account, fills: account.fills + 1, seenFills: remember(account.seenFills, key) }
  // Positions are told of contracts only; where they are not told, an offset is.
  if (fill.offset !== undefined || account.positions.has(fill.symbol)) {
    return { ...counted, contractFills: account.contractFills + 1 }
  }
  const { base, quote } = currenciesOf(account, fill.symbol)
  const sign = fill.side === 'BUY' ? 1 : -1
  const value = fill.price * fill.quantity
  const flows = new Map(account.flows)
  flows.set(base, (flows.get(base) ?? 0) + sign * fill.quantity)
  flows.set(quote, (flows.get(quote) ?? 0) - sign * value)
  const holdings = new Map(account.holdings)
  holdings.set(fill.symbol, holdingAfter(account.holdings.get(fill.symbol) ?? nothingHeld, fill))
  return { ...counted, flows, holdings, volume: account.volume + value }
}

/** The names of a symbol's currencies, as the server tells them, or else as the symbol is written. */
export function currenciesOf({ infos }: AccountState, symbol: string): { base: string; quote: string } {
  const info = infos.get(symbol)
  if (info !== undefined) return { base: harmless(info.base_currency), quote: harmless(info.quote_currency) }
  const [base = symbol, quote = ''] = symbol.split(/[/_-]/)
  return { base, quote }
}

/** What the account is measured in: what its first symbol is quoted in. */
export const valuedIn = (account: AccountState): string => currenciesOf(account, account.symbols[0] ?? '').quote

/** The last price of a symbol, or the middle of its best prices where nobody has traded yet. */
export function priceOf({ tickers }: AccountState, symbol: string): number | undefined {
  const ticker = tickers.get(symbol)
  if (ticker === undefined) return undefined
  if (ticker.last > 0) return ticker.last
  return ticker.bid > 0 && ticker.ask > 0 ? (ticker.bid + ticker.ask) / 2 : undefined
}

/** What a unit of a currency is worth; undefined where no symbol of the account says so. */
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
 * What the run has changed, at last prices: what the account holds now less what it held at the start. What the market did
 * to the coins that it held all along is not in it. Undefined while something that changed has no price.
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

/** What trading has won and not given back yet, and what it has taken, both before fees; undefined while something has no price. */
export function resultOf(
  account: AccountState,
): { readonly realised: number; readonly unrealised: number } | undefined {
  if (account.contractFills > 0) {
    const open = [...account.positions.values()].reduce(
      (sum, { long_unrealised_pnl, short_unrealised_pnl }) => sum + long_unrealised_pnl + short_unrealised_pnl,
      0,
    )
    const profit = profitOf(account)
    // The exchange takes fees and funding out of what is realised, and tells neither.
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

/** What the market alone did to what was there at the start: what holding it would have brought. Undefined while no price is known. */
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

/** The fees at last prices; undefined while one of them has no price, and where contracts were traded. */
export const feesOf = (account: AccountState): number | undefined =>
  account.contractFills > 0 ? undefined : valueOf(account, account.fees)

/** What was traded; undefined where contracts were, whose size is not told. */
export const volumeOf = ({ contractFills, volume }: AccountState): number | undefined =>
  contractFills > 0 ? undefined : volume

/** Where the interface stands, in a word. */
export const standing = ({ state, ready }: AccountState): string =>
  ready ? 'READY' : state === undefined ? 'logging in' : state.name === 'READY' ? 'not ready' : stateName(state.code)
