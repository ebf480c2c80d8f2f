import { fillableQuantity, mayFollow, roundSum } from '../../orders/index.js'
import type { Fill, Order } from '../../protocol/index.js'
import type { LoggedNotice } from '../../testing/index.js'
import type { LedgerOrder, PriceBar } from './ledger.js'
import type { SpotRun } from './spot-ledger.js'

const isFill = (value: Order | Fill): value is Fill => 'fill_no' in value
const sideOf = (action: string): 'BUY' | 'SELL' => (action === 'BUY' ? 'BUY' : 'SELL')

/** Outcome of an order by its last status and what was filled of it. */
export function outcomeOf({ status, order_type }: Order, filled: number): LedgerOrder['outcome'] {
  if (status === 'FILLED') return 'filled'
  if (status === 'FAILED') return 'rejected'
  if (status !== 'CANCELED') return 'open'
  return order_type === 'IOC' && filled === 0 ? 'missed' : 'canceled'
}

/**
 * Reads the fills and orders of one platform out of the log of a backtest. Orders that were refused
 * have no notice and are not in it; the mid at sending is not known.
 *
 * @example
 * const traded = tradedOn('huobi', end.log)
 * spotLedger({ platform: 'huobi', quote: 'USDT', balances, bars, barMs: 60_000, ...traded })
 */
export function tradedOn(
  platform: string,
  { events }: { readonly events: readonly Pick<LoggedNotice, 'lane' | 'value'>[] },
): { fills: SpotRun['fills']; orders: readonly LedgerOrder[] } {
  const values = events.filter(({ lane }) => lane.startsWith(`${platform} `)).map(({ value }) => value)
  const fills = values.filter(isFill).map((fill) => ({
    atMs: fill.ctime,
    symbol: fill.symbol,
    orderNo: fill.order_no,
    side: sideOf(fill.side),
    price: fill.price,
    quantity: fill.quantity,
    liquidity: fill.liquidity === 'MAKER' || fill.liquidity === 'TAKER' ? (fill.liquidity as 'MAKER') : undefined,
    fee: fill.fee ?? 0,
    feeCurrency: fill.fee_currency ?? '',
  }))
  const filled = new Map<string, number>()
  const keyOf = (symbol: string, orderNo: string): string => `${symbol} ${orderNo}`
  for (const { symbol, orderNo, quantity } of fills) {
    filled.set(keyOf(symbol, orderNo), roundSum((filled.get(keyOf(symbol, orderNo)) ?? 0) + quantity))
  }
  const last = new Map<string, Order>()
  for (const value of values) {
    if (isFill(value)) continue
    const key = keyOf(value.symbol, value.order_no)
    const known = last.get(key)
    if (known === undefined || mayFollow(known.status, value.status)) last.set(key, value)
  }
  const orders = [...last].map(([key, order]): LedgerOrder => {
    const done = filled.get(key) ?? 0
    return {
      platform,
      symbol: order.symbol,
      orderNo: order.order_no,
      side: sideOf(order.action),
      type: order.order_type,
      price: order.price === null || order.price === 0 ? undefined : order.price,
      // An order for an amount of money has no quantity of its own.
      quantity: fillableQuantity(order, undefined) ?? done,
      filled: done,
      outcome: outcomeOf(order, done),
      sentMs: order.ctime,
    }
  })
  return { fills, orders }
}

/**
 * Makes bars of trades in the order of time. A period without a trade has no bar.
 *
 * @param periodMs length of a period in ms; periods begin at its multiples since 1970
 */
export function priceBars(
  trades: Iterable<{ readonly timestamp: number; readonly price: number }>,
  periodMs: number,
): readonly PriceBar[] {
  const bars: PriceBar[] = []
  for (const { timestamp, price } of trades) {
    const atMs = Math.floor(timestamp / periodMs) * periodMs
    const bar = bars.at(-1)
    if (bar?.atMs === atMs) {
      bars[bars.length - 1] = {
        ...bar,
        high: Math.max(bar.high, price),
        low: Math.min(bar.low, price),
        close: price,
      }
    } else bars.push({ atMs, open: price, high: price, low: price, close: price })
  }
  return bars
}
