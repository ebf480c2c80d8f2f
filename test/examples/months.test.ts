// Every strategy of examples/ in virtual time over real markets: minute candles turned into trades, and real trades with the real order book.
// A short span of each here; the whole month by `npm run months`.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from '@jest/globals'
import { lastValueFrom, type Observable, tap } from 'rxjs'
import { withBasis, readMarket, type MarketEvent } from '../../src/market/index.js'
import type { IntentOutcome, Strategy } from '../../src/strategy/index.js'
import { backtest } from '../../src/backtest/index.js'
import { dataFile, itWithData } from '../support/market-data.js'
import { countedWith, figuresOf, type MonthFigures, monthTable, nothingSaid, startBalances } from './month-figures.js'

// Binance spot: minute candles of January 2024 (from the samples of YgcCoder/SysTB), and trades and depth of eleven minutes around the midnight of
// 2024-08-08 (from those of nkaz001/hftbacktest), as CSV.
const candleFiles = ['candles_btcusdt_1m_202401.csv.gz']
const bookFiles = ['trades_spot_btcusdt_20240808.csv.gz', 'l2_spot_btcusdt_20240808.csv.gz']
const [candles, book] = [candleFiles.map(dataFile), bookFiles.map(dataFile)]
const real = itWithData(...candleFiles, ...bookFiles)

const whole = process.env['RXQUANT_MONTHS'] === 'whole'
const minute = 60_000
const spans = { candles: whole ? Infinity : 3 * 60 * minute, book: whole ? Infinity : minute }

interface Expected {
  /** The least number of fills, over three hours of candles and a minute of the book. */
  readonly fills: readonly [candles: number, book: number]
  /** How far apart the platforms' prices are. */
  readonly basis?: number
}
const strategies: Readonly<Record<string, Expected>> = {
  'arbitrage.ts': { fills: [2, 2], basis: 0.004 },
  'ema-cross.ts': { fills: [15, 1] },
  'market-maker.ts': { fills: [20, 0] },
  'mean-reversion.ts': { fills: [1, 0] },
  'trend-follower.ts': { fills: [1, 0] },
  'twap.ts': { fills: [3, 15] },
  'two-logins.ts': { fills: [50, 25] },
}
/** They show what a command is, and are run by examples.test.ts. */
const noStrategies = ['connect-and-watch.ts', 'place-and-cancel.ts']

const run = async (file: string, files: readonly string[], forMs: number, basis: number | undefined) => {
  const { default: strategy } = (await import(join(process.cwd(), 'examples', file))) as { default: Strategy }
  const prices = new Map<string, number>()
  let fromMs: number | undefined
  const onPlatform = (platform: string, market$: Observable<MarketEvent>) =>
    (basis === undefined ? market$ : market$.pipe(withBasis({ seed: 3, name: platform, basis }))).pipe(
      tap((event) => {
        if (event.type === 'trade') prices.set(platform, event.price)
        if (event.type !== 'progress') fromMs ??= event.timestamp
      }),
    )
  let counts = nothingSaid
  const cpu = process.cpuUsage()
  const end = await lastValueFrom(
    backtest(strategy, {
      market: readMarket(files),
      marketOf: onPlatform,
      startBalances,
      forMs,
      keep: ({ lane }) => lane.endsWith('fills'),
    }).pipe(
      tap((event) => {
        if (event.type === 'said' && typeof event.value === 'object')
          counts = countedWith(counts, event.value as IntentOutcome)
      }),
    ),
  )
  if (end.type !== 'end') throw new Error(`the backtest ended with ${end.type}`)
  const { user, system } = process.cpuUsage(cpu)
  const cpuSeconds = (user + system) / 1_000_000
  const figures = figuresOf({ strategy: file, end, counts, fromMs: fromMs ?? end.atMs, prices, cpuSeconds })
  return { ...end, counts, figures }
}

it('every example is a strategy that is tried here, or none', () => {
  expect(
    readdirSync(join(process.cwd(), 'examples'))
      .filter((file) => file.endsWith('.ts'))
      .sort(),
  ).toEqual([...Object.keys(strategies), ...noStrategies].sort())
})

describe.each([
  ['minute candles, as trades', candles, spans.candles, 0] as const,
  ['real trades and the real order book', book, spans.book, 1] as const,
])('over %s', (market, files, forMs, which) => {
  const table: MonthFigures[] = []
  afterAll(() => {
    if (whole) console.log(`over ${market}\n${monthTable(table)}`)
  })
  real.each(Object.entries(strategies))(
    '%s trades, is refused nothing by the exchange, and leaves nothing behind',
    async (file, { fills, basis }) => {
      const { log, left, counts, figures } = await run(file, files, forMs, basis)
      table.push(figures)
      if (whole) process.stderr.write(`${monthTable([figures])}\n`)
      expect(log.events.length).toBeGreaterThanOrEqual(fills[which])
      expect(counts.by.get('Rejected')).toBe(undefined)
      expect(counts.by.get('Unresolved')).toBe(undefined)
      expect(left.faults).toEqual([])
      expect(Object.values(left.openOrders).flat()).toEqual([])
    },
    whole ? 3_600_000 : 60_000,
  )
})
