import { type LedgerOrder, type PriceBar, type RunResult, spotLedger, type SpotRun } from 'rxquant/backtest'

const MINUTE = 60_000
const START = Date.UTC(2024, 0, 1)

/** Numbers from 0 to 1 that are the same each time (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

const cents = (value: number): number => Math.round(value * 100) / 100

/** A random walk of minutes. */
export function walk(minutes: number, seed = 1): PriceBar[] {
  const random = seeded(seed)
  let price = 42_000
  return Array.from({ length: minutes }, (_, minute) => {
    const open = price
    price = cents(price * (1 + (random() - 0.5) * 0.0016))
    const [high, low] = [Math.max(open, price), Math.min(open, price)]
    return { atMs: START + minute * MINUTE, open, high: cents(high * 1.0002), low: cents(low * 0.9998), close: price }
  })
}

/** Buys when a fast average of the closes rises above a slow one, and sells when it falls below. */
export function emaCross(bars: readonly PriceBar[], fast: number, slow: number): SpotRun['fills'] {
  let [quick, slowly] = [bars[0]?.close ?? 0, bars[0]?.close ?? 0]
  let held = 0
  const fills: SpotRun['fills'][number][] = []
  for (const { atMs, close } of bars) {
    quick += ((close - quick) * 2) / (fast + 1)
    slowly += ((close - slowly) * 2) / (slow + 1)
    const side = held === 0 && quick > slowly ? 'BUY' : held > 0 && quick < slowly ? 'SELL' : undefined
    if (side === undefined) continue
    const quantity = side === 'BUY' ? 0.02 : held
    const fee = side === 'BUY' ? quantity * 0.001 : cents(quantity * close * 0.001)
    fills.push({
      atMs: atMs + 30_000,
      symbol: 'BTC/USDT',
      orderNo: String(fills.length),
      side,
      price: close,
      quantity,
      liquidity: fills.length % 3 === 0 ? 'MAKER' : 'TAKER',
      fee: Number(fee.toFixed(8)),
      feeCurrency: side === 'BUY' ? 'BTC' : 'USDT',
      midWhenSent: cents(close * (side === 'BUY' ? 0.9999 : 1.0001)),
    })
    held = side === 'BUY' ? Number((quantity - Number(fee.toFixed(8))).toFixed(8)) : 0
  }
  return fills
}

/** Result of a moving average cross over bars, with some refused orders. */
export function sampleRun(bars: readonly PriceBar[], fast = 240, slow = 630): RunResult {
  const fills = emaCross(bars, fast, slow)
  const orders = fills.map(
    ({ atMs, side, symbol, orderNo, quantity, price }, index): LedgerOrder => ({
      platform: 'huobi',
      symbol,
      orderNo,
      side,
      type: 'LIMIT',
      price,
      quantity,
      filled: quantity,
      outcome: 'filled',
      sentMs: atMs - 5,
      acknowledgedMs: atMs + (index % 3),
    }),
  )
  const refused = orders.slice(0, 3).map(
    (order, index): LedgerOrder => ({
      ...order,
      orderNo: undefined,
      filled: 0,
      outcome: index === 0 ? 'denied' : 'rejected',
      code: index === 0 ? 'rate limit' : 'balance',
      message: index === 0 ? 'over 10 orders a second' : 'account-frozen-balance-insufficient-error',
      acknowledgedMs: undefined,
    }),
  )
  return {
    title: `EMA ${fast}/${slow} of minutes`,
    ledger: spotLedger({
      platform: 'huobi',
      quote: 'USDT',
      balances: { USDT: 1000 },
      fills,
      orders: [...orders, ...refused],
      bars: { 'BTC/USDT': bars },
      barMs: MINUTE,
    }),
    parameters: { fast, slow, fees: '0.1 %', latency: { inMs: 5, outMs: 5 } },
    data: [{ name: 'candles_btcusdt_1m.csv.gz', sha256: '9f86d081884c7d65', rows: bars.length }],
    versions: { rxquant: '0.1.0', node: '20.19.0' },
    seed: 7,
    notes: ['an order took prices that were 40 minutes old'],
  }
}
