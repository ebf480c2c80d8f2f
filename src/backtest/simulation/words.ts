import type { MarketEvent } from '../../market/index.js'
import {
  cancel,
  type Intent,
  iocBuy,
  iocSell,
  limitBuy,
  limitSell,
  marketBuyCost,
  marketSell,
} from '../../strategy/index.js'
import { readOrderText } from '../../testing/internal.js'

const orderText = (text: string) => {
  const order = readOrderText(text)
  if (order === undefined) throw new TypeError(`"${text}" is no order; write "2 @ 101.5"`)
  return order
}

/**
 * Words of a lane of market events of one symbol: `quote(2 @ 99, 3 @ 101)` shows a best bid and a
 * best ask, `take(BUY 1 @ 101)` is a trade of the market.
 */
export const marketWords = (symbol = 'BTC/USDT') => ({
  quote: (bid: string, ask: string): MarketEvent => {
    const [b, a] = [orderText(bid), orderText(ask)]
    return { type: 'quote', symbol, bids: [[b.price, b.quantity]], asks: [[a.price, a.quantity]], timestamp: 0 }
  },
  take: (text: string): MarketEvent => {
    const { action = 'BUY', price, quantity } = orderText(text)
    return { type: 'take', symbol, action, price, quantity, timestamp: 0 }
  },
})

/**
 * Words of a lane of intents of one symbol: `place(BUY 2 @ 101.5)`, `place(SELL 1 @ 99 IOC)`,
 * `place(SELL 1 MARKET)`, `cancel(o1)`.
 */
export const intentWords = (symbol = 'BTC/USDT') => ({
  place: (text: string): Intent => {
    const { action = 'BUY', price, quantity, type } = orderText(text)
    if (type === 'MARKET') return action === 'BUY' ? marketBuyCost(symbol, quantity) : marketSell(symbol, quantity)
    if (type === 'IOC') return (action === 'BUY' ? iocBuy : iocSell)(symbol, price, quantity)
    return (action === 'BUY' ? limitBuy : limitSell)(symbol, price, quantity)
  },
  cancel: (...order_nos: string[]): Intent => cancel(symbol, ...order_nos),
})
