import type { CommandError } from '../../client/index.js'
import type { Assets, Fill, Order, Ticker } from '../../protocol/index.js'
import { isOpen, type OrderEvent, type OrderName } from '../../orders/index.js'
import type { AccountState } from './account-state.js'
import { currenciesOf, priceOf, profitOf, totalOf } from './account-value.js'
import { holdingAfter, nothingHeld } from './position-summary.js'
import type { AccountEvent } from '../run/run-event.js'
import { sample } from './series.js'

const REMEMBERED = 500
const keyOf = ({ symbol, order_no }: OrderName): string => JSON.stringify([symbol, order_no])

/** Applies one event to the state of an account. */
export function reduceAccount(account: AccountState, event: AccountEvent): AccountState {
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
    case 'orderEvent':
      return afterOrderEvent(account, event.event)
    case 'listed': {
      const others = [...account.open].filter(([, { symbol }]) => symbol !== event.symbol)
      return { ...account, open: new Map([...others, ...event.orders.map((order) => [keyOf(order), order] as const)]) }
    }
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
      return event.gap.recovered ? account : { ...account, gaps: account.gaps + 1 }
    case 'unsettled':
      return { ...account, unsettled: event.orders }
  }
}

function afterFailure(account: AccountState, tag: CommandError['_tag']): AccountState {
  switch (tag) {
    case 'Rejected':
      return { ...account, refused: account.refused + 1 }
    case 'Unresolved':
      return { ...account, unknown: account.unknown + 1 }
    // An order that the risk gate denies is not sent either.
    case 'NotSent':
    case 'OrderDenied':
      return { ...account, notSent: account.notSent + 1 }
  }
}

function afterTicker(account: AccountState, ticker: Ticker): AccountState {
  const after = { ...account, tickers: new Map(account.tickers).set(ticker.symbol, ticker) }
  const price = priceOf(after, ticker.symbol)
  if (price === undefined || account.firstPrices.has(ticker.symbol)) return after
  return { ...after, firstPrices: new Map(account.firstPrices).set(ticker.symbol, price) }
}

/** Adds the current price and profit to the series. */
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
    // Ignores rounding errors of binary fractions.
    if (Math.abs(fee) > 1e-9) fees.set(currency, fee)
  }
  return { ...account, start, assets, fees }
}

function afterOrder(account: AccountState, order: Order): AccountState {
  const key = keyOf(order)
  if (account.ended.includes(key)) return account
  const open = new Map(account.open)
  if (isOpen(order.status)) return { ...account, open: open.set(key, order) }
  open.delete(key)
  return { ...account, open, ended: [...account.ended, key].slice(-REMEMBERED) }
}

/** Removes an order that a later list of open orders does not hold, and adds one that reappears. */
function afterOrderEvent(account: AccountState, event: OrderEvent): AccountState {
  if (event._tag !== 'Missing' && event._tag !== 'Reappeared') return account
  const open = new Map(account.open)
  if (event._tag === 'Missing') open.delete(keyOf(event))
  else open.set(keyOf(event), event.order)
  return { ...account, open }
}

const withFee = (fees: AccountState['contractFees'], { fee, fee_currency }: Fill): AccountState['contractFees'] =>
  fees === undefined || fee === undefined || fee_currency === undefined
    ? undefined
    : new Map(fees).set(fee_currency, (fees.get(fee_currency) ?? 0) + fee)

function afterFill(account: AccountState, fill: Fill): AccountState {
  const counted = { ...account, fills: account.fills + 1 }
  // Positions exist for contracts only; without a position, the offset of the fill shows a
  // contract.
  if (fill.offset !== undefined || account.positions.has(fill.symbol)) {
    return {
      ...counted,
      contractFills: account.contractFills + 1,
      contracts: account.contracts + fill.quantity,
      contractFees: withFee(account.contractFees, fill),
    }
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
