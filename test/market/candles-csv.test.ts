import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { firstValueFrom, from, map, toArray } from 'rxjs'
import {
  type Candle,
  candlesCsv,
  candleTrades,
  type MarketEvent,
  readCandles,
  readMarket,
} from '../../src/market/index.js'
import type { Trade } from '../../src/protocol/index.js'
import { bars } from '../../src/strategy/index.js'
import { stamped, unstamped } from './stamped.js'

const folder = mkdtempSync(join(tmpdir(), 'rxquant-candles-'))
afterAll(() => rmSync(folder, { recursive: true }))
const write = (name: string, text: string) => {
  const file = join(folder, name)
  writeFileSync(file, name.endsWith('.gz') ? gzipSync(stamped(text)) : stamped(text))
  return file
}
const HEADER = 'timestamp,open,high,low,close,volume\n'
const read = (file: string) =>
  firstValueFrom(candlesCsv(file, { speed: Infinity }).pipe(map(unstamped), toArray()), { defaultValue: [] })
const takes = (events: readonly MarketEvent[]) =>
  events.flatMap((event) => (event.type === 'trade' ? [[event.timestamp, event.price, event.quantity]] : []))

describe('candles of a CSV file', () => {
  it('become four trades each: the nearer extreme first, the close at the very end', async () => {
    const rows = `${HEADER}60000,100,101,90,95,4\n120000,95,110,94,109,8\n`
    for (const file of [write('btcusdt_1m.csv', rows), write('BTC-USDT.csv.gz', rows)]) {
      expect(takes(await read(file))).toEqual([
        [60_000, 100, 1],
        [80_000, 101, 1],
        [100_000, 90, 1],
        [119_999, 95, 1],
        [120_000, 95, 2],
        [140_000, 94, 2],
        [160_000, 110, 2],
        [179_999, 109, 2],
      ])
    }
  })

  it('are known by the file’s name, or by what they are said to be', async () => {
    const rows = `${HEADER}60000,1,1,1,1,1\n120000,1,1,1,1,1\n`
    const symbols = async (file: string, symbol?: string) => {
      const found = new Set<string>()
      for await (const piece of readCandles(file, symbol === undefined ? {} : { symbol }))
        for (const event of piece) if (event.type !== 'progress') found.add(event.symbol)
      return [...found]
    }
    expect(await symbols(write('candles_ethusdt_1m_202401.csv', rows))).toEqual(['ETH/USDT'])
    expect(await symbols(write('january.csv', rows), 'SOL/USDT')).toEqual(['SOL/USDT'])
    await expect(symbols(write('january.csv', rows))).rejects.toThrow(
      /candles do not say of what they are: name the file after their pair .*BTC\/USDT=FILE/,
    )
    const played = async (file: string) => {
      const found = new Set<string>()
      for await (const piece of readMarket([file], { candlesOf: 'SOL/USDT' }))
        for (const event of piece) if (event.type !== 'progress') found.add(event.symbol)
      return [...found]
    }
    expect(await played(write('january.csv', rows))).toEqual(['SOL/USDT'])
    expect(await played(write('ethusdt.csv', rows))).toEqual(['ETH/USDT'])
    expect(await played(`BTC/USDT=${write('january.csv', rows)}`)).toEqual(['BTC/USDT'])
  })

  it.each([
    ['a low that is not the lowest', `${HEADER}1,10,12,11,11,1`, /line 2: low must not be above open 10 or close 11/],
    ['a high that is not the highest', `${HEADER}1,10,9,8,9,1`, /line 2: high must not be below open 10/],
    [
      'time that goes back',
      `${HEADER}60000,1,1,1,1,1\n120000,1,1,1,1,1\n90000,1,1,1,1,1`,
      /line 4: candles must be in time order, oldest first: timestamp must be after that of line 3/,
    ],
    ['a negative volume', `${HEADER}1,1,1,1,1,-1`, /line 2: volume must be a number, 0 or more, not "-1"/],
    ['nothing', '', /the file is empty/],
  ])('are refused with %s, saying where', async (_what, text, message) => {
    await expect(read(write('btcusdt_bad.csv', text))).rejects.toThrow(message)
  })

  it('that are stamped at their end are played a period earlier', async () => {
    const file = write('btcusdt_close.csv', `${HEADER}60000,1,1,1,1,1\n120000,1,1,1,1,1\n`)
    const events: MarketEvent[] = []
    for await (const piece of readCandles(file, { stamped: 'close' })) events.push(...piece.map(unstamped))
    expect(
      takes(events)
        .map(([at]) => at)
        .slice(0, 5),
    ).toEqual([0, 20_000, 40_000, 59_999, 60_000])
  })
})

const candle = fc
  .tuple(
    fc.array(fc.integer({ min: 1, max: 1_000_000 }), { minLength: 4, maxLength: 4 }),
    fc.integer({ min: 0, max: 1e9 }),
  )
  .map(([prices, volume]): Omit<Candle, 'timestamp'> => {
    const [open = 1, a = 1, b = 1, close = 1] = prices.map((price) => price / 100)
    return { open, high: Math.max(open, a, b, close), low: Math.min(open, a, b, close), close, volume: volume / 1e5 }
  })
const candles = fc
  .array(candle, { minLength: 1, maxLength: 30 })
  .map((all) => all.map((each, index): Candle => ({ ...each, timestamp: 1_700_000_040_000 + index * 60_000 })))

describe('the trades of candles', () => {
  const tradesOf = (all: readonly Candle[]): Trade[] =>
    all.flatMap(candleTrades('BTC/USDT', 60_000)).map((trade) => ({ ...trade }))

  it('are the same candles again as bars, to the last digit of their volume', () => {
    fc.assert(
      fc.property(candles, (all) => {
        const again: unknown[] = []
        from(tradesOf(all))
          .pipe(bars({ periodMs: 60_000 }))
          .subscribe(({ open, high, low, close, volume, timestamp }) =>
            again.push({ timestamp, open, high, low, close, volume: Number(volume.toPrecision(12)) }),
          )
        // The last bar is told when a later trade ends it.
        const told = all.filter(({ volume }) => volume > 0).slice(0, again.length)
        expect(again).toEqual(told.map((each) => ({ ...each, volume: Number(each.volume.toPrecision(12)) })))
        expect(again.length).toBeGreaterThanOrEqual(all.filter(({ volume }) => volume > 0).length - 1)
      }),
    )
  })

  it('do not look ahead: events before an instant are the same whatever comes after it', () => {
    fc.assert(
      fc.property(candles, candles, (all, others) => {
        const cut = Math.floor(all.length / 2)
        const changed = [
          ...all.slice(0, cut),
          ...others.map((each, index) => ({ ...each, timestamp: (all[0]?.timestamp ?? 0) + (cut + index) * 60_000 })),
        ]
        const before = (trades: readonly Trade[]) =>
          trades.filter(({ timestamp }) => timestamp < (all[0]?.timestamp ?? 0) + cut * 60_000)
        expect(before(tradesOf(changed))).toEqual(before(tradesOf(all)))
        // And within a candle the close, which is known last, changes nothing before it.
        const closed = all.map((each) => ({ ...each, close: each.low }))
        const open = (trades: readonly Trade[]) =>
          trades.filter((_, index) => index < 3).map(({ price, timestamp }) => [price, timestamp])
        expect(open(tradesOf(closed))).toEqual(open(tradesOf(all)))
      }),
    )
  })

  it('come in time order, within their candle', () => {
    fc.assert(
      fc.property(candles, (all) => {
        const times = tradesOf(all).map(({ timestamp }) => timestamp)
        expect(times).toEqual([...times].sort((a, b) => a - b))
        expect(times.at(-1) ?? 0).toBeLessThan((all.at(-1)?.timestamp ?? 0) + 60_000)
      }),
    )
  })
})
