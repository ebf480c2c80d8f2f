// Speed of backtests on markets parsed beforehand, in CPU time: candles, orders or rows a second, and each lane's ratio to the
// wire lane of the same run. SHORT=1 plays a few days of the month; RXQUANT_DATA names the folder of the recordings.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { distinctUntilChanged, filter, lastValueFrom, map, type Observable, pairwise } from 'rxjs'
import marketMaker from '../../examples/market-maker.js'
import { backtest, type BacktestOptions } from '../../src/backtest/index.js'
import { type MarketEvent, readMarket } from '../../src/market/index.js'
import {
  bars,
  ema,
  execute,
  iocBuy,
  iocSell,
  type Strategy,
  strategy,
  combineIndicators,
} from '../../src/strategy/index.js'
import type { Account } from '../../src/client/index.js'

const DATA = process.env['RXQUANT_DATA'] ?? '../shared/data'
const DAY_MS = 86_400_000
const DAYS = process.env['SHORT'] === undefined ? 31 : 3
const ROUNDS = Number(process.env['ROUNDS'] ?? 3)
const symbol = 'BTC/USDT'
const QUANTITY = 0.01

interface Close {
  readonly close: number
}

/** Buys where the fast average rises above the slow one, and sells where it falls below. */
const emaCross =
  (account: Account) =>
  (close$: Observable<Close>): Observable<unknown> =>
    close$.pipe(
      combineIndicators({
        close: map(({ close }: Close) => close),
        fast: (bar$) =>
          bar$.pipe(
            map(({ close }) => close),
            ema(12),
          ),
        slow: (bar$) =>
          bar$.pipe(
            map(({ close }) => close),
            ema(26),
          ),
      }),
      map(({ close, fast, slow }) => ({ up: fast > slow, close })),
      distinctUntilChanged((before, now) => before.up === now.up),
      map(({ up, close }) =>
        up
          ? iocBuy(symbol, Number((close * 1.001).toFixed(1)), QUANTITY)
          : iocSell(symbol, Number((close * 0.999).toFixed(1)), QUANTITY),
      ),
      execute(account),
    )

/** Of two candles in a row the first has ended where the second begins later. */
const onKlines = strategy({
  logins: [{ platform: 'huobi', symbols: [symbol], market: ['kline'] }],
  run: (account) =>
    account.kline$(symbol).pipe(
      pairwise(),
      filter(([before, now]) => now.timestamp !== before.timestamp),
      map(([before]) => before),
      emaCross(account),
    ),
})

const onTrades = strategy({
  logins: [{ platform: 'huobi', symbols: [symbol], market: ['trade'] }],
  run: (account) => account.trade$(symbol).pipe(bars({ periodMs: 60_000 }), emaCross(account)),
})

const onBooks = strategy({
  logins: [{ platform: 'huobi', symbols: [symbol], market: ['orderbook'] }],
  run: (account) => account.orderBook$(symbol),
})

const parsed = async (file: string, forMs: number): Promise<MarketEvent[]> => {
  const events: MarketEvent[] = []
  let endMs: number | undefined
  for await (const piece of readMarket([file])) {
    for (const event of piece) {
      if (event.type === 'progress') continue
      endMs ??= event.timestamp + forMs
      if (event.timestamp >= endMs) return events
      events.push(event)
    }
  }
  return events
}

/** Units that a run has got through: candles, rows, or orders. */
type Counted = (market: readonly MarketEvent[], orders: number) => number

const run = async (strategy: Strategy, market: readonly MarketEvent[], options: Partial<BacktestOptions>) => {
  let orders = 0
  const before = process.cpuUsage()
  const end = await lastValueFrom(
    backtest(strategy, {
      ...options,
      market,
      keep: ({ value }) => {
        if (!('fill_no' in value) && value.status === 'SUBMITTED') orders += 1
        return false
      },
    }),
  )
  const { user, system } = process.cpuUsage(before)
  if (end.type !== 'end') throw new Error('the backtest has no end')
  return { seconds: (user + system) / 1e6, orders, balances: JSON.stringify(end.log.balances) }
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN
const rate = (value: number): string => Math.round(value).toLocaleString('en-US')

const lanes = (
  [
    ['wire', { lane: 'wire' }],
    ['direct', { lane: 'direct' }],
  ] as const
).filter(([name]) => (process.env['LANES'] ?? 'wire,direct').includes(name))

const measure = async (
  name: string,
  unit: string,
  market: readonly MarketEvent[],
  strategy: Strategy,
  counted: Counted,
): Promise<void> => {
  const rates = lanes.map((): number[] => [])
  const orders = new Set<string>()
  for (let round = 0; round < ROUNDS; round++)
    for (const [index, [, options]] of lanes.entries()) {
      ;(globalThis as { readonly gc?: () => void }).gc?.()
      const done = await run(strategy, market, options)
      orders.add(`${done.orders} orders, ${done.balances}`)
      rates[index]?.push(counted(market, done.orders) / done.seconds)
    }
  console.log(`\n${name}: ${[...orders].join(' | DIFFERENT: ')}`)
  for (const [index, [lane]] of lanes.entries()) {
    const ratios = (rates[index] ?? []).map((each, round) => each / (rates[0]?.[round] ?? NaN))
    const all = (rates[index] ?? []).map(rate).join(', ')
    console.log(
      `  ${lane.padEnd(7)} ${rate(median(rates[index] ?? []))} ${unit}   ratio ${median(ratios).toFixed(2)}   (${all})`,
    )
  }
}

const candles = join(DATA, 'candles_btcusdt_1m_202401.csv.gz')
const book = join(DATA, 'l2_spot_btcusdt_20240808.csv.gz')
const wanted = (process.env['ONLY'] ?? 'kline,trade,maker,book').split(',')

if (!existsSync(candles) || !existsSync(book)) {
  console.log(`backtest: skipped, there are no recordings in ${DATA} (RXQUANT_DATA names another folder)`)
} else {
  // A candle is four trades.
  const count: Counted = (events) => events.filter(({ type }) => type === 'trade').length / 4
  const month = await parsed(candles, DAYS * DAY_MS)
  const days = month.slice(0, Math.ceil((month.length * Math.min(3, DAYS)) / DAYS))
  if (wanted.includes('kline')) await measure('EMA cross on klines', 'candles/s', month, onKlines, count)
  if (wanted.includes('trade'))
    await measure('EMA cross on trades made of candles', 'candles/s', month, onTrades, count)
  if (wanted.includes('maker'))
    await measure('examples/market-maker, three days', 'orders/s', days, marketMaker, (_, orders) => orders)
  if (wanted.includes('book')) {
    const rows: Counted = (events) =>
      events.reduce((sum, event) => {
        const { bids = [], asks = [] } = event.type === 'quote' || event.type === 'levels' ? event : {}
        return sum + bids.length + asks.length
      }, 0)
    await measure('L2 with orderbook', 'rows/s', await parsed(book, Infinity), onBooks, rows)
  }
}
