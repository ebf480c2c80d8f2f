import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { from, lastValueFrom, of, toArray } from 'rxjs'
import {
  candleTrades,
  type MarketEvent,
  readMarket,
  type ReadMarketOptions,
  RecordingError,
} from '../../src/market/index.js'
import { snapToLots } from '../../src/market/internal.js'
import { spotPair, spotPairWith } from '../../src/market/files/symbol-names.js'
import { bookJoin, type BookMessage } from '../../src/market/files/books/book-join.js'

const folder = mkdtempSync(join(tmpdir(), 'rxquant-files-'))
afterAll(() => rmSync(folder, { recursive: true }))
let count = 0
const write = (name: string, text: string) => {
  const file = join(mkdtempSync(join(folder, `${++count}-`)), name)
  writeFileSync(file, text)
  return file
}
const read = async (files: string | readonly string[], options: ReadMarketOptions = {}) => {
  const events: MarketEvent[] = []
  for await (const piece of readMarket(typeof files === 'string' ? [files] : files, options)) events.push(...piece)
  return events
}
const takesOf = (events: readonly MarketEvent[]) =>
  events.filter((event) => event.type === 'trade' || event.type === 'take')
const notesOf = (events: readonly MarketEvent[]) =>
  events.flatMap((event) => (event.type === 'progress' ? (event.notes ?? []) : []))
const symbolsOf = (events: readonly MarketEvent[]) => [...new Set(takesOf(events).map(({ symbol }) => symbol))]

const T0 = Date.UTC(2025, 0, 1)
const MINUTE = 60_000
const candles = (...times: readonly number[]) =>
  `timestamp,open,high,low,close,volume\n${times.map((time, n) => `${time},${100 + n},${102 + n},${99 + n},${101 + n},40`).join('\n')}\n`
const trades = (...rows: readonly (readonly [time: number, symbol: string])[]) =>
  `timestamp,symbol,side,price,quantity\n${rows.map(([time, symbol]) => `${time},${symbol},buy,100,1`).join('\n')}\n`

describe('symbols in names', () => {
  it.each([
    ['BTCUSDT', 'BTC/USDT'],
    ['BTCFDUSD', 'BTC/FDUSD'],
    ['BTCBUSD', 'BTC/BUSD'],
    ['BTCTUSD', 'BTC/TUSD'],
    ['WUSDT', 'W/USDT'],
    ['W/USDT', 'W/USDT'],
    ['BTC/EUR', 'BTC/EUR'],
    ['BTC/FDUSD', 'BTC/FDUSD'],
    ['btcusdt', 'BTC/USDT'],
    ['USDCUSDT', 'USDC/USDT'],
    ['1000SHIBUSDT', '1000SHIB/USDT'],
    ['币安人生/USDT', '币安人生/USDT'],
    ['币安人生USDT', '币安人生/USDT'],
    ['BTC/XYZ', 'BTC/XYZ'],
  ])('%s is %s', (name, symbol) => {
    expect(spotPair(name)).toBe(symbol)
  })

  it.each(['BTCUSDT-PERP', 'BTCUSDT_240927', 'BTC-USDT-SWAP', 'USDT', 'TUSD', '', '/', 'BTC/', 'BTCXYZ', 'A.B/USDT'])(
    '%p is no spot pair',
    (name) => {
      expect(spotPair(name)).toBeUndefined()
    },
  )

  it('take quote currencies that the caller adds', async () => {
    expect(spotPairWith('xyz')('BTCXYZ')).toBe('BTC/XYZ')
    const events = await read(write('a.csv', trades([T0, 'BTCXYZ'])), { quoteCurrencies: ['XYZ'] })
    expect(symbolsOf(events)).toEqual(['BTC/XYZ'])
  })

  it('in file names are found among other words', async () => {
    for (const [name, symbol] of [
      ['candles_btcfdusd_1m.csv', 'BTC/FDUSD'],
      ['BINANCE-BTC-EUR-1h.csv', 'BTC/EUR'],
      ['trades_wusdt_202401.csv', 'W/USDT'],
    ] as const)
      expect(symbolsOf(await read(write(name, candles(T0, T0 + MINUTE))))).toEqual([symbol])
  })

  it('that the caller gives win over those in the file', async () => {
    const file = write('ethusdt.csv', candles(T0, T0 + MINUTE))
    expect(symbolsOf(await read(`BTC/USDT=${file}`))).toEqual(['BTC/USDT'])
    const perpetual = write('a.csv', trades([T0, 'BTCUSDT-PERP'], [T0 + 1, 'BTCUSDT-PERP']))
    expect(symbolsOf(await read(`BTC/USDT=${perpetual}`))).toEqual(['BTC/USDT'])
    const two = write('a.csv', trades([T0, 'BTCUSDT'], [T0 + 1, 'ETHUSDT']))
    await expect(read(`BTC/USDT=${two}`)).rejects.toThrow(
      /BTCUSDT and ETHUSDT: "BTC\/USDT=" can name a file of one symbol/,
    )
  })

  it('that are left out are noted, and an error where all are', async () => {
    const some = await read(write('a.csv', trades([T0, 'BTCUSDT'], [T0, 'BTCUSDT-PERP'], [T0, 'BTCUSDT-PERP'])))
    expect(notesOf(some)).toEqual([expect.stringMatching(/a\.csv: "BTCUSDT-PERP" is left out/)])
    const none = read(write('a.csv', trades([T0, 'BTCUSDT-PERP'], [T0, 'ETH_PERP'])))
    await expect(none).rejects.toThrow(
      /it holds BTCUSDT-PERP, ETH_PERP, and no known spot pair: give .* BTC\/USDT=FILE/,
    )
    await expect(none).rejects.toBeInstanceOf(RecordingError)
  })
})

describe('the time of candles', () => {
  const closes = (events: readonly MarketEvent[]) =>
    takesOf(events)
      .filter((_, n) => n % 4 === 3)
      .map(({ timestamp }) => timestamp + 1)

  it.each([
    ['months from February', [1, 2, 3, 4].map((month) => Date.UTC(2025, month)), Date.UTC(2025, 5)],
    ['months from January', [0, 1, 2, 3].map((month) => Date.UTC(2025, month)), Date.UTC(2025, 4)],
    ['two months', [1, 2].map((month) => Date.UTC(2025, month)), Date.UTC(2025, 3)],
    ['quarters', [0, 3, 6, 9].map((month) => Date.UTC(2025, month)), Date.UTC(2026, 0)],
    [
      'months of China',
      [0, 1, 2, 3].map((month) => Date.UTC(2025, month) - 8 * 3_600_000),
      Date.UTC(2025, 4) - 8 * 3_600_000,
    ],
    ['a step of 46 s', [0, 60, 120, 166, 226].map((second) => T0 + second * 1_000), T0 + 286_000],
    ['a first step of 46 s', [0, 46, 106, 166].map((second) => T0 + second * 1_000), T0 + 226_000],
  ])('%s: a candle ends where the next begins, and never before it is over', async (_what, times, end) => {
    const events = await read(write('btcusdt.csv', candles(...times)))
    expect(closes(events)).toEqual([...times.slice(1), end])
    expect(notesOf(events)).toEqual([])
  })

  it('of days follows clocks that are changed, to 23 and to 25 hours', async () => {
    const spring = [0, 1, 2]
      .map((n) => Date.UTC(2025, 2, 7 + n, 5))
      .concat(Date.UTC(2025, 2, 10, 4), Date.UTC(2025, 2, 11, 4))
    expect(closes(await read(write('btcusd.csv', candles(...spring))))).toEqual([
      ...spring.slice(1),
      Date.UTC(2025, 2, 12, 4),
    ])
    const autumn = [0, 1, 2]
      .map((n) => Date.UTC(2025, 9, 31 + n, 4))
      .concat(Date.UTC(2025, 10, 3, 5), Date.UTC(2025, 10, 4, 5))
    expect(closes(await read(write('btcusd.csv', candles(...autumn))))).toEqual([
      ...autumn.slice(1),
      Date.UTC(2025, 10, 5, 5),
    ])
  })

  it('goes on behind a hole, which is noted', async () => {
    const times = [0, 5, 6, 7, 9].map((n) => T0 + n * MINUTE)
    const events = await read(write('btcusdt.csv', candles(...times)))
    expect(closes(events)).toEqual(times.map((time) => time + MINUTE))
    expect(notesOf(events)).toEqual([
      expect.stringMatching(/line 2: 4 missing after the candle of 2025-01-01T00:00:00.000Z/),
      expect.stringMatching(/line 5: 1 missing after the candle of 2025-01-01T00:07:00.000Z/),
    ])
  })

  it('may be given', async () => {
    const file = write('btcusdt.csv', candles(T0, T0 + 5 * MINUTE))
    expect(closes(await read(file, { period: '1m' }))).toEqual([T0 + MINUTE, T0 + 6 * MINUTE])
    expect(closes(await read(file))).toEqual([T0 + 5 * MINUTE, T0 + 10 * MINUTE])
    const month = write('btcusdt.csv', candles(Date.UTC(2025, 1)))
    expect(closes(await read(month, { period: '1mo' }))).toEqual([Date.UTC(2025, 2)])
    await expect(read(file, { period: '1 minute' })).rejects.toThrow(/a period is a number and s, m, h, d, w or mo/)
  })

  it('of candles stamped at their end reaches back to the one before', async () => {
    const ends = [1, 2, 3, 4].map((month) => Date.UTC(2025, month) - 1)
    const events = await read(write('btcusdt.csv', candles(...ends)), { stamped: 'close' })
    expect(closes(events)).toEqual(ends.map((time) => time + 1))
    expect(takesOf(events)[0]?.timestamp).toBe(Date.UTC(2025, 0))
  })

  it('is read once where files overlap, whatever their order', async () => {
    const a = write('btcusdt_a.csv', candles(T0, T0 + MINUTE, T0 + 2 * MINUTE))
    const b = write('btcusdt_b.csv', candles(T0 + 2 * MINUTE, T0 + 3 * MINUTE, T0 + 4 * MINUTE))
    for (const files of [
      [a, b],
      [b, a],
    ]) {
      const events = await read(files)
      expect(closes(events)).toEqual([1, 2, 3, 4, 5].map((n) => T0 + n * MINUTE))
      expect(notesOf(events)).toEqual([
        expect.stringMatching(/the candle of 2025-01-01T00:02:00.000Z is in another file/),
      ])
    }
    const twice = await read(write('btcusdt.csv', candles(T0, T0 + MINUTE, T0 + MINUTE, T0 + 2 * MINUTE)))
    expect(closes(twice)).toHaveLength(3)
    expect(notesOf(twice)).toEqual([expect.stringMatching(/line 4: a second candle of 2025-01-01T00:01/)])
    const hours = write('btcusdt_1h.csv', candles(T0, T0 + 60 * MINUTE))
    await expect(read([a, hours])).rejects.toThrow(/candles of 1h, and .* candles of 1m of the same symbol/)
  })

  it('never shows a row before its time, whatever rows follow', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(1, 1, 1, 1, 2, 5), { minLength: 4, maxLength: 30 }),
        fc.nat(20),
        async (steps, cut) => {
          let time = T0
          const times = steps.map((step) => (time += step * MINUTE))
          const keep = Math.min(times.length - 1, cut + 3)
          const whole = takesOf(await read(write('btcusdt.csv', candles(...times)), { period: '1m' }))
          const short = takesOf(await read(write('btcusdt.csv', candles(...times.slice(0, keep))), { period: '1m' }))
          const until = (times[keep - 1] ?? 0) + MINUTE
          expect(whole.filter(({ timestamp }) => timestamp < until)).toEqual(short)
        },
      ),
      { numRuns: 20 },
    )
  })
})

describe('rows that are not in time order', () => {
  const minutes = (order: readonly number[]) =>
    order.map((n): readonly [number, string] => [T0 + n * MINUTE, 'BTCUSDT'])

  it('are refused with their line: newest first, or behind a row from the future', async () => {
    const down = read(write('down.csv', trades(...minutes([5, 4, 3, 2, 1]))))
    await expect(down).rejects.toThrow(
      /down\.csv, line 3: rows must be in time order, oldest first: .* earlier than line 2/,
    )
    const future = trades(...minutes([0, 1]), [Date.UTC(2030, 0), 'BTCUSDT'], ...minutes([2, 3]))
    await expect(read(write('future.csv', future))).rejects.toThrow(/line 5: .* earlier than line 4 \(2030-01-01/)
    const book = `timestamp,recv_timestamp,symbol,type,first_update_id,last_update_id,side,price,quantity
,0,BTCUSDT,SNAPSHOT,1,1,BID,99,1
${Date.UTC(2030, 0)},0,BTCUSDT,UPDATE,2,2,BID,98,1
${T0},0,BTCUSDT,UPDATE,3,3,BID,97,1
${T0},0,BTCUSDT,UPDATE,4,4,BID,97,1
`
    await expect(read(write('book.csv', book))).rejects.toThrow(/line 4: rows must be in time order/)
    await expect(read(write('btcusdt.csv', candles(T0 + MINUTE, T0)))).rejects.toThrow(/candles must be in time order/)
  })

  it('pass where they are out of order by a second at most', async () => {
    const rows = trades([T0, 'BTCUSDT'], [T0 + 900, 'BTCUSDT'], [T0 + 100, 'BTCUSDT'])
    expect(takesOf(await read(write('a.csv', rows)))).toHaveLength(3)
  })
})

describe('the volume of candles', () => {
  const inLots = async (volumes: readonly number[], lot: number) => {
    const make = candleTrades('X/USDT', MINUTE)
    const made = volumes.flatMap((volume, n) =>
      make({ timestamp: T0 + n * MINUTE, open: 100, high: 102, low: 99, close: 101, volume }),
    )
    const takes = from(made.map((trade): MarketEvent => ({ type: 'take', ...trade })))
    return takesOf(
      await lastValueFrom(
        takes.pipe(
          snapToLots(() => lot),
          toArray(),
        ),
        { defaultValue: [] },
      ),
    )
  }
  const sum = (numbers: readonly number[]) => numbers.reduce((total, each) => total + each, 0)

  it.each([
    [[1, 0.0003, 0.0003, 0.0005], 0.0001],
    [[27, 17, 3, 27], 1],
    [[123_456_789_012_345], 1],
    [[0.1, 0.2, 0.3], 0.1],
  ])('%j is that of its trades in lots of %d', async (volumes, lot) => {
    const takes = await inLots(volumes, lot)
    expect(Math.round(sum(takes.map(({ quantity }) => quantity / lot)))).toBe(Math.round(sum(volumes) / lot))
    for (const { quantity } of takes) expect(Math.abs(quantity / lot - Math.round(quantity / lot))).toBeLessThan(1e-6)
  })

  it('is that of the trades, candle by candle, for any lot and any number of lots', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 10_000_000 }), { minLength: 1, maxLength: 10 }),
        fc.constantFrom(1e-8, 1e-5, 0.001, 0.1, 1, 1_000),
        async (lots, lot) => {
          const takes = await inLots(
            lots.map((each) => Number((each * lot).toPrecision(12))),
            lot,
          )
          const told = lots.map((_, n) =>
            takes
              .filter(({ timestamp }) => Math.floor((timestamp - T0) / MINUTE) === n)
              .map(({ quantity }) => quantity / lot),
          )
          expect(told.map((each) => Math.round(sum(each)))).toEqual(lots)
        },
      ),
    )
  })

  it('in trades shows no fraction of a lot, and no trade of none', async () => {
    const takes: MarketEvent[] = [0.4, 0.4, 0.4, 1.9].map((quantity) => ({
      ...{ type: 'take', symbol: 'X/USDT', action: 'BUY', price: 1, quantity, timestamp: T0 },
    }))
    const lots = await lastValueFrom(
      of(...takes).pipe(
        snapToLots(() => 1),
        toArray(),
      ),
    )
    expect(takesOf(lots).map(({ quantity }) => quantity)).toEqual([1, 2])
  })
})

describe('order books', () => {
  type Rest = Partial<BookMessage>
  const snapshot = (lastId: number, rest: Rest = {}): BookMessage => ({
    ...{
      type: 'SNAPSHOT',
      firstId: lastId,
      lastId,
      timestamp: undefined,
      bids: [[lastId, 1]],
      asks: [[1e6, 1]],
      ...rest,
    },
  })
  const update = (firstId: number, lastId: number, rest: Rest = {}): BookMessage => ({
    ...{ type: 'UPDATE', firstId, lastId, timestamp: T0 + lastId, bids: [[lastId, 1]], asks: [], ...rest },
  })
  const idsOf = (messages: readonly BookMessage[]) => {
    const join = bookJoin('BTC/USDT')
    return [...messages.flatMap((message) => join.next(message)), ...join.end()].map(
      ({ type, updateId }) => `${type} ${updateId}`,
    )
  }

  it('start again with a snapshot of a new count of ids', () => {
    expect(idsOf([snapshot(1_000), update(1_001, 1_001), snapshot(3), update(4, 4), update(5, 5)])).toEqual([
      ...['quote 1000', 'levels 1001', 'quote 3', 'levels 4', 'levels 5'],
    ])
    const stamped = snapshot(3, { timestamp: T0 + 5_000 })
    expect(idsOf([snapshot(1_000), update(1_001, 1_001), stamped])).toEqual(['quote 1000', 'levels 1001', 'quote 3'])
  })

  it('leave out a snapshot that only came late', () => {
    expect(idsOf([snapshot(10), update(11, 11), snapshot(8), update(12, 12)])).toEqual([
      ...['quote 10', 'levels 11', 'levels 12'],
    ])
  })

  it('are refused with a crossed snapshot', () => {
    const crossed = snapshot(1, { bids: [[101, 1]], asks: [[100, 1]] })
    expect(() => bookJoin('BTC/USDT').next(crossed)).toThrow(
      'the snapshot of BTC/USDT is crossed: its best bid 101 is not below its best ask 100',
    )
  })

  it('of futures are joined by the id of the update before', () => {
    const futures = [
      update(90, 95, { previousId: 89 }),
      snapshot(100),
      update(96, 99, { previousId: 95 }),
      update(100, 104, { previousId: 99 }),
      update(120, 130, { previousId: 104 }),
      update(131, 140, { previousId: 130 }),
    ]
    expect(idsOf(futures)).toEqual(['quote 100', 'levels 104', 'levels 130', 'levels 140'])
    // Update 130 is missing: the book is empty until the next snapshot. An update that ends with the snapshot is applied once more.
    const hole = [
      ...futures.filter(({ lastId }) => lastId !== 130),
      snapshot(140),
      update(141, 150, { previousId: 140 }),
    ]
    expect(idsOf(hole)).toEqual(['quote 100', 'levels 104', 'quote 140', 'quote 140', 'levels 140', 'levels 150'])
  })

  it('of futures are read with the column pu', async () => {
    const file = write(
      'book.csv',
      `timestamp,recv_timestamp,symbol,type,first_update_id,last_update_id,pu,side,price,quantity
,0,BTCUSDT,SNAPSHOT,100,100,,BID,99,1
${T0},0,BTCUSDT,UPDATE,98,104,97,BID,98,1
${T0 + 1},0,BTCUSDT,UPDATE,120,130,104,BID,97,1
`,
    )
    expect((await read(file)).filter(({ type }) => type === 'levels')).toHaveLength(2)
  })
})

describe.each(['btcusdt_1mo_feb', 'btcusdt_gapfirst', 'btcusd_1d_ny', 'dogeusdt_1s', 'ethusdt_huobi'])(
  'the case %s.csv',
  (name) => {
    const file = join(process.cwd(), '../shared/cases', `${name}.csv`)
    const real = existsSync(file) ? it : it.skip
    if (!existsSync(file)) console.log(`skipped: ${file} is not there`)

    real('is played candle by candle, volume included, and never ahead of time', async () => {
      const rows = readFileSync(file, 'utf8').trim().split('\n').slice(1)
      const wanted = rows.map((row) => row.split(',').map(Number))
      const takes = takesOf(await read(file))
      for (const [n, [time = 0, , , , , volume = 0]] of wanted.entries()) {
        const end = wanted[n + 1]?.[0] ?? Infinity
        const own = takes.filter(({ timestamp }) => timestamp >= time && timestamp < end)
        expect(own.reduce((sum, { quantity }) => sum + quantity, 0)).toBeCloseTo(volume, 10)
      }
      if (name === 'btcusdt_1mo_feb') expect(takes.at(7)?.timestamp).toBe(Date.UTC(2025, 3) - 1)
    })
  },
)
