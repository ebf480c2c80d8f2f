import { lastValueFrom, tap } from 'rxjs'
import { backtest, type BacktestOptions } from '../../../src/backtest/index.js'
import { type MarketEvent, syntheticEvents } from '../../../src/market/index.js'
import { bookAroundTrades } from '../../../src/market/files/trades/recorded-trade.js'
import { candleTrades } from '../../../src/market/files/candles/candle-trades.js'
import type { Level } from '../../../src/protocol/index.js'
import type { Strategy } from '../../../src/strategy/index.js'
import type { RemainingState } from '../../../src/backtest/index.js'
import type { TradeLog } from '../../../src/testing/index.js'

export const START_MS = Date.UTC(2026, 0, 1)

/** A small generator of numbers from 0 to 1, the same for the same seed. */
export const randomOf = (seed: number): (() => number) => {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Minute candles of a random walk, as a recording of candles is played. */
export const candleMarket = (seed: number, count: number, symbol = 'BTC/USDT', start = 60_000): MarketEvent[] => {
  const random = randomOf(seed)
  const tradesOf = candleTrades(symbol, 60_000)
  const around = bookAroundTrades({ seed })
  let price = start
  const step = () => (price = Math.round((price + (random() - 0.5) * start * 0.002) * 10) / 10)
  return Array.from({ length: count }, (_, index) => {
    const open = price
    const [high, low, close] = [step(), step(), step()]
    const candle = {
      timestamp: START_MS + index * 60_000,
      open,
      high: Math.max(open, high, low, close),
      low: Math.min(open, high, low, close),
      close,
      volume: Math.round(random() * 1e4) / 1e3,
    }
    return tradesOf(candle).flatMap(around)
  }).flat()
}

/** The synthetic market: quotes and takes. */
export const quotedMarket = (
  seed: number,
  durationMs: number,
  startPrices: Readonly<Record<string, number>> = { 'BTC/USDT': 60_000 },
  moveEveryMs = 400,
): MarketEvent[] => [...syntheticEvents({ seed, startPrices, startMs: START_MS, durationMs, moveEveryMs })]

/** A recorded order book with its trades: snapshots, then changes of single prices. */
export const recordedBookMarket = (seed: number, count: number, symbol = 'BTC/USDT'): MarketEvent[] => {
  const random = randomOf(seed)
  const events: MarketEvent[] = []
  let mid = 60_000
  const size = () => Math.round(random() * 2_000) / 1_000
  for (let index = 0; index < count; index++) {
    const timestamp = START_MS + index * 50
    if (random() < 0.3) mid = Math.round((mid + (random() - 0.5) * 20) * 10) / 10
    const side = (sign: number) =>
      Array.from(
        { length: 8 },
        (_, at) => [Number((mid + sign * (0.1 + at * 0.7)).toFixed(1)), size() + 0.001] as Level,
      )
    const changes = (sign: number) =>
      side(sign)
        .filter(() => random() < 0.4)
        .map(([price, quantity]) => [price, random() < 0.3 ? 0 : quantity] as Level)
    const at = { symbol, timestamp, updateId: index }
    if (index % 20 === 0) events.push({ type: 'quote', ...at, bids: side(-1), asks: side(1) })
    else events.push({ type: 'levels', ...at, bids: changes(-1), asks: changes(1) })
    if (random() < 0.3) {
      const buys = random() < 0.5
      const price = Number((mid + (buys ? 0.1 : -0.1) * (1 + Math.floor(random() * 8))).toFixed(1))
      events.push({ type: 'trade', symbol, action: buys ? 'BUY' : 'SELL', price, quantity: size() + 0.001, timestamp })
    }
  }
  return events
}

/** Result of a backtest: its log, what it left behind, and all that the strategy has emitted. */
export interface Outcome {
  readonly log: TradeLog
  readonly left: Pick<RemainingState, 'openOrders' | 'faults'>
  readonly said: readonly (readonly [atMs: number, value: string])[]
}

export const outcomeOf = async (
  strategy: Strategy,
  market: readonly MarketEvent[],
  options: Partial<BacktestOptions> = {},
): Promise<Outcome> => {
  const said: [number, string][] = []
  const end = await lastValueFrom(
    backtest(strategy, { market, ...options }).pipe(
      tap((event) => {
        if (event.type === 'said') said.push([event.atMs, JSON.stringify(event.value)])
      }),
    ),
  )
  if (end.type !== 'end') throw new Error('the backtest has no end')
  const { openOrders, faults } = end.left
  return { log: end.log, left: { openOrders, faults }, said }
}
