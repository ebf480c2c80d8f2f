import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { type MarketEvent, readMarket, type ReadMarketOptions, RecordingError } from '../../src/market/index.js'
import { zipped } from './zipped.js'

const folder = mkdtempSync(join(tmpdir(), 'rxquant-layouts-'))
afterAll(() => rmSync(folder, { recursive: true }))
let count = 0
const write = (name: string, content: string | Buffer) => {
  const file = join(folder, String(++count), name)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, content)
  return file
}
const read = async (file: string, options: ReadMarketOptions = {}) => {
  const events: MarketEvent[] = []
  for await (const piece of readMarket([file], options)) events.push(...piece)
  return events
}
const market = (events: readonly MarketEvent[]) => events.filter(({ type }) => type !== 'progress')
const notesOf = (events: readonly MarketEvent[]) =>
  events.flatMap((event) => (event.type === 'progress' ? (event.notes ?? []) : []))
const tradesOf = (events: readonly MarketEvent[]) =>
  events.flatMap((event) =>
    event.type === 'trade' ? [[event.timestamp, event.action, event.price, event.quantity]] : [],
  )

const T0 = Date.UTC(2024, 0, 1)
const MINUTE = 60_000

/** [open, high, low, close, volume] of minutes from T0 on. */
type Bar = readonly [open: number, high: number, low: number, close: number, volume: number]
const BARS: readonly Bar[] = [
  [42_000, 42_010, 41_990, 42_005, 4],
  [42_005, 42_020.5, 42_000, 42_001, 1.25],
  [42_001, 42_001, 41_950, 41_960, 8],
]
const iso = (ms: number) => new Date(ms).toISOString()
const rows = (bars: readonly Bar[], row: (time: number, bar: Bar) => string) =>
  bars.map((bar, index) => row(T0 + index * MINUTE, bar)).join('\n')
const ownCandles = (bars: readonly Bar[]) =>
  `timestamp,open,high,low,close,volume\n${rows(bars, (time, bar) => `${time},${bar.join()}`)}\n`
const klines = (bars: readonly Bar[], unit = 1) =>
  rows(bars, (time, bar) => `${time * unit},${bar.join()},${(time + MINUTE) * unit - 1},168000.5,12,2,84000,0`)
const KLINE_HEADER =
  'open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore\n'
const reversed = (text: string) => text.split('\n').reverse().join('\n')

const candleLayouts: readonly (readonly [
  what: string,
  name: string,
  words: RegExp,
  make: (bars: readonly Bar[]) => string | Buffer,
])[] = [
  [
    'Binance klines of spot, zipped',
    'BTCUSDT-1m-2024-01.zip',
    /read as Binance klines of BTC\/USDT; CSV in zip; no header; times in milliseconds/,
    (bars) => zipped({ name: 'BTCUSDT-1m-2024-01.csv', text: `${klines(bars)}\n` }),
  ],
  [
    'Binance klines in microseconds',
    'BTCUSDT-1m-2025-01.csv',
    /Binance klines of BTC\/USDT; CSV; no header; times in microseconds/,
    (bars) => klines(bars, 1_000),
  ],
  [
    'Binance klines of futures, with a header',
    'BTCUSDT-1m-2024-01.csv',
    /Binance klines of BTC\/USDT; CSV; times in milliseconds/,
    (bars) => KLINE_HEADER + klines(bars),
  ],
  [
    'OHLCV of CCXT',
    'BTC_USDT-1m.json',
    /OHLCV candles of BTC\/USDT; JSON; no header; times in milliseconds/,
    (bars) => JSON.stringify(bars.map((bar, index) => [T0 + index * MINUTE, ...bar])),
  ],
  [
    'JSON of freqtrade, gzip, in lines',
    'BTC_USDT-1m.json.gz',
    /OHLCV candles of BTC\/USDT; JSON in gzip/,
    (bars) =>
      gzipSync(
        JSON.stringify(
          bars.map((bar, index) => [T0 + index * MINUTE, ...bar]),
          null,
          2,
        ),
      ),
  ],
  [
    'JSON of objects',
    'btcusdt.json',
    /candles of BTC\/USDT; JSON; times in milliseconds/,
    (bars) =>
      JSON.stringify(
        bars.map(([open, high, low, close, volume], index) => ({
          ...{ timestamp: T0 + index * MINUTE, open, high, low, close, volume },
        })),
      ),
  ],
  [
    'CSV of TradingView',
    'BINANCE_BTCUSDT, 1.csv',
    /candles as TradingView exports them of BTC\/USDT; CSV; times in seconds/,
    (bars) =>
      `time,open,high,low,close,Volume,Volume MA\n${rows(bars, (time, bar) => `${time / 1_000},${bar.join()},NaN`)}`,
  ],
  [
    'CSV of TradingView with ISO dates of another zone',
    'BINANCE_BTCUSDT, 1.csv',
    /times? .*|dates/,
    (bars) =>
      `time,open,high,low,close,Volume\n${rows(bars, (time, bar) => `${iso(time + 3_600_000).slice(0, 19)}+01:00,${bar.join()}`)}`,
  ],
  [
    'CSV of CryptoDataDownload, newest first',
    'Binance_BTCUSDT_minute.csv',
    /CryptoDataDownload candles of BTC\/USDT; CSV; times in seconds; newest first/,
    (bars) =>
      `https://www.CryptoDataDownload.com\nUnix,Date,Symbol,Open,High,Low,Close,Volume USDT,Volume BTC,tradecount\n${reversed(
        rows(
          bars,
          (time, bar) =>
            `${time / 1_000},${iso(time).slice(0, 19).replace('T', ' ')},BTCUSDT,${bar.slice(0, 4).join()},99,${bar[4]},7`,
        ),
      )}\n`,
  ],
  [
    'dates, separated by semicolons',
    'btcusdt.csv',
    /candles of BTC\/USDT; CSV separated by ";"; dates, in UTC where they name no zone/,
    (bars) =>
      `Date;Open;High;Low;Close;Volume\r\n${rows(bars, (time, bar) => `${iso(time).slice(0, 16).replace('T', ' ')};${bar.join(';')}`).replaceAll('\n', '\r\n')}`,
  ],
  [
    'our columns in seconds',
    'btcusdt.csv',
    /candles of BTC\/USDT; CSV; times in seconds/,
    (bars) => ownCandles(bars).replace(/^(\d+)000(?=,)/gm, '$1'),
  ],
]

describe('candles', () => {
  it.each(candleLayouts)(
    'of %s are those of our own CSV, and it is said how they were read',
    async (_what, name, words, make) => {
      const events = await read(write(name, make(BARS)))
      expect(market(events)).toEqual(market(await read(write('btcusdt.csv', ownCandles(BARS)))))
      expect(notesOf(events)).toEqual([expect.stringMatching(words)])
    },
  )

  const price = fc.integer({ min: 100, max: 9_999_999 }).map((cents) => cents / 100)
  const bar = fc
    .tuple(price, price, price, price, fc.integer({ min: 0, max: 1e9 }))
    .map(([a, b, c, d, volume]): Bar => [a, Math.max(a, b, c, d), Math.min(a, b, c, d), d, volume / 1e4])

  it.each(candleLayouts)('of %s are the same for any prices', async (_what, name, _words, make) => {
    await fc.assert(
      fc.asyncProperty(fc.array(bar, { minLength: 2, maxLength: 12 }), async (bars) => {
        const options = { period: '1m' }
        const events = await read(write(name, make(bars)), options)
        expect(market(events)).toEqual(market(await read(write('btcusdt.csv', ownCandles(bars)), options)))
      }),
      { numRuns: 15 },
    )
  })

  it('of our own CSV need no words', async () => {
    expect(notesOf(await read(write('btcusdt.csv', ownCandles(BARS))))).toEqual([])
  })
})

type Trade = readonly [ms: number, side: 'BUY' | 'SELL', price: number, quantity: number]
const TRADES: readonly Trade[] = [
  [T0 + 1, 'BUY', 42_000.5, 0.25],
  [T0 + 1, 'SELL', 42_000, 1],
  [T0 + 950, 'SELL', 41_999.9, 0.00012],
]
const isMaker = (side: Trade[1]) => (side === 'SELL' ? 'true' : 'false')
const lines = (trades: readonly Trade[], row: (trade: Trade, index: number) => string) => trades.map(row).join('\n')

const tradeLayouts: readonly (readonly [
  what: string,
  name: string,
  words: RegExp,
  make: (trades: readonly Trade[]) => string | Buffer,
])[] = [
  [
    'Binance spot, zipped',
    'BTCUSDT-trades-2024-01-01.zip',
    /Binance trades of BTC\/USDT; CSV in zip; no header; times in milliseconds/,
    (trades) =>
      zipped({
        name: 'BTCUSDT-trades-2024-01-01.csv',
        text: lines(
          trades,
          ([ms, side, price, quantity], id) => `${id},${price},${quantity},9.5,${ms},${isMaker(side)},true`,
        ),
      }),
  ],
  [
    'Binance spot in microseconds, with large words',
    'BTCUSDT-trades-2025-01.csv',
    /Binance trades of BTC\/USDT; CSV; no header; times in microseconds/,
    (trades) =>
      lines(
        trades,
        ([ms, side, price, quantity], id) =>
          `${id},${price},${quantity},9.5,${ms}123,${isMaker(side) === 'true' ? 'True' : 'False'},True`,
      ),
  ],
  [
    'Binance futures, with a header',
    'BTCUSDT-trades-2024-01.csv',
    /Binance trades of BTC\/USDT; CSV; times in milliseconds/,
    (trades) =>
      `id,price,qty,quote_qty,time,is_buyer_maker\n${lines(trades, ([ms, side, price, quantity], id) => `${id},${price},${quantity},9.5,${ms},${isMaker(side)}`)}`,
  ],
  [
    'Binance futures without a header',
    'BTCUSDT-trades-2024-01.csv',
    /Binance trades of BTC\/USDT; CSV; no header/,
    (trades) =>
      lines(trades, ([ms, side, price, quantity], id) => `${id},${price},${quantity},9.5,${ms},${isMaker(side)}`),
  ],
  [
    'Binance aggTrades of spot',
    'BTCUSDT-aggTrades-2024-01.csv',
    /Binance aggTrades of BTC\/USDT; CSV; no header/,
    (trades) =>
      lines(
        trades,
        ([ms, side, price, quantity], id) => `${id},${price},${quantity},100,102,${ms},${isMaker(side)},true`,
      ),
  ],
  [
    'Binance aggTrades of futures',
    'BTCUSDT-aggTrades-2024-01.csv',
    /Binance aggTrades of BTC\/USDT; CSV; times/,
    (trades) =>
      `agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker\n${lines(trades, ([ms, side, price, quantity], id) => `${id},${price},${quantity},100,102,${ms},${isMaker(side)}`)}`,
  ],
  [
    'Tardis',
    'binance_trades_2024-01-01_BTCUSDT.csv.gz',
    /Tardis trades; CSV in gzip; times in microseconds/,
    (trades) =>
      gzipSync(
        `exchange,symbol,timestamp,local_timestamp,id,side,price,amount\n${lines(trades, ([ms, side, price, quantity], id) => `binance,BTCUSDT,${ms}000,${ms}500,${id},${side.toLowerCase()},${price},${quantity}`)}`,
      ),
  ],
  [
    'CCXT as JSON',
    'trades.json',
    /read as trades; JSON; times in milliseconds/,
    (trades) =>
      JSON.stringify(
        trades.map(([timestamp, side, price, amount]) => ({
          ...{
            info: {},
            timestamp,
            datetime: iso(timestamp),
            symbol: 'BTC/USDT',
            side: side.toLowerCase(),
            price,
            amount,
          },
        })),
      ),
  ],
  [
    'Bybit, in seconds with a fraction',
    'BTCUSDT2024-01-01.csv',
    /read as trades; CSV; times in seconds/,
    (trades) =>
      `timestamp,symbol,side,size,price,tickDirection\n${lines(trades, ([ms, side, price, quantity]) => `${(ms / 1_000).toFixed(4)},BTCUSDT,${side === 'BUY' ? 'Buy' : 'Sell'},${quantity},${price},ZeroPlusTick`)}`,
  ],
]
const ownTrades = (trades: readonly Trade[]) =>
  `timestamp,symbol,side,price,quantity\n${lines(trades, ([ms, side, price, quantity]) => `${ms},BTCUSDT,${side},${price},${quantity}`)}\n`

describe('trades', () => {
  it.each(tradeLayouts)(
    'of %s are those of our own CSV, and it is said how they were read',
    async (_what, name, words, make) => {
      const events = await read(write(name, make(TRADES)))
      expect(tradesOf(events)).toEqual(TRADES)
      expect(market(events)).toEqual(market(await read(write('a.csv', ownTrades(TRADES)))))
      expect(notesOf(events)).toEqual([expect.stringMatching(words)])
    },
  )

  const trade = fc.tuple(
    fc.integer({ min: 0, max: 5_000 }),
    fc.constantFrom('BUY' as const, 'SELL' as const),
    fc.integer({ min: 1, max: 1e9 }),
    fc.integer({ min: 1, max: 1e9 }),
  )

  it.each(tradeLayouts)('of %s are the same for any trades', async (_what, name, _words, make) => {
    await fc.assert(
      fc.asyncProperty(fc.array(trade, { minLength: 1, maxLength: 12 }), async (all) => {
        let ms = T0
        const trades = all.map(
          ([step, side, price, quantity]): Trade => [(ms += step), side, price / 1e4, quantity / 1e4],
        )
        expect(tradesOf(await read(write(name, make(trades))))).toEqual(trades)
      }),
      { numRuns: 15 },
    )
  })

  it('of unknown side have that of the price', async () => {
    const text = `exchange,symbol,timestamp,local_timestamp,id,side,price,amount\n${[100, 101, 101, 99]
      .map((price, id) => `deribit,BTCUSDT,${T0 + id}000,${T0}000,${id},unknown,${price},1`)
      .join('\n')}`
    expect(tradesOf(await read(write('t.csv', text))).map(([, action]) => action)).toEqual([
      'BUY',
      'BUY',
      'BUY',
      'SELL',
    ])
  })
})

describe('the order book of Tardis', () => {
  const HEADER = 'exchange,symbol,timestamp,local_timestamp,is_snapshot,side,price,amount\n'
  const row = (ms: number, isSnapshot: boolean, side: string, price: number, amount: number) =>
    `binance,BTCUSDT,${ms}000,${ms + 5}000,${isSnapshot},${side},${price},${amount}\n`
  const books = (events: readonly MarketEvent[]) =>
    events.flatMap((event) => (event.type === 'quote' || event.type === 'levels' ? [event] : []))

  it('is a snapshot and its changes, in absolute amounts', async () => {
    const file = write(
      'book.csv',
      HEADER +
        row(T0, false, 'bid', 98, 9) +
        row(T0 + 1, true, 'bid', 99, 1) +
        row(T0 + 1, true, 'ask', 101, 2) +
        row(T0 + 2, false, 'bid', 99, 0) +
        row(T0 + 2, false, 'ask', 100, 3) +
        row(T0 + 9, false, 'bid', 97, 4),
    )
    const events = await read(file)
    expect(books(events)).toMatchObject([
      { type: 'quote', symbol: 'BTC/USDT', bids: [[99, 1]], asks: [[101, 2]], timestamp: T0 + 1 },
      { type: 'levels', bids: [[99, 0]], asks: [[100, 3]], timestamp: T0 + 2 },
      { type: 'levels', bids: [[97, 4]], asks: [], timestamp: T0 + 9 },
    ])
    expect(notesOf(events)).toEqual([expect.stringMatching(/read as a Tardis order book; CSV; times in microseconds/)])
  })

  it('begins again with each snapshot', async () => {
    const again = row(T0 + 3, true, 'bid', 90, 1) + row(T0 + 3, true, 'ask', 91, 1) + row(T0 + 4, false, 'bid', 89, 1)
    const file = write('book.csv', HEADER + row(T0, true, 'bid', 99, 1) + row(T0 + 1, false, 'bid', 98, 1) + again)
    expect(books(await read(file)).map(({ type, bids }) => [type, bids])).toEqual([
      ['quote', [[99, 1]]],
      ['levels', [[98, 1]]],
      ['quote', [[90, 1]]],
      ['levels', [[89, 1]]],
    ])
  })

  it('is refused without a snapshot, or where one is crossed', async () => {
    await expect(read(write('book.csv', HEADER + row(T0, false, 'bid', 98, 9)))).rejects.toThrow(/follow no SNAPSHOT/)
    const crossed =
      HEADER + row(T0, true, 'bid', 101, 1) + row(T0, true, 'ask', 100, 1) + row(T0 + 1, false, 'bid', 1, 1)
    await expect(read(write('book.csv', crossed))).rejects.toThrow(/line 2: the snapshot of BTC\/USDT is crossed/)
  })
})

describe('columns and symbols that the caller says', () => {
  it('are names in order, for a file without a known header', async () => {
    const bars = rows(BARS, (time, bar) => `x,${bar.join()},${time / 1_000}`)
    const columns = ['-', 'open', 'high', 'low', 'close', 'volume', 'timestamp']
    for (const text of [bars, `a,b,c,d,e,f,g\n${bars}`])
      expect(market(await read(write('btcusdt.csv', text), { columns }))).toEqual(
        market(await read(write('btcusdt.csv', ownCandles(BARS)))),
      )
  })

  it('may be some, by their names in the header or by number', async () => {
    const text = `Zeit,open,high,low,close,Umsatz BTC,volume\n${rows(BARS, (time, bar) => `${iso(time)},${bar.join()},77`)}`
    const expected = market(await read(write('btcusdt.csv', ownCandles(BARS))))
    for (const columns of [
      ['timestamp=Zeit', 'volume=Umsatz BTC'],
      ['timestamp=1', 'volume=6'],
    ])
      expect(market(await read(write('btcusdt.csv', text), { columns }))).toEqual(expected)
    await expect(read(write('btcusdt.csv', text), { columns: ['volume=Menge'] })).rejects.toThrow(
      /line 1: columns: the file has no column "Menge"/,
    )
    await expect(read(write('btcusdt.csv', text), { columns: ['umsatz=7'] })).rejects.toThrow(
      /columns: there is no field "umsatz"; there are timestamp, open/,
    )
  })

  it('may leave the side of trades out: it is that of the price', async () => {
    const text = [100, 99, 99].map((price, index) => `${T0 + index},${price},1`).join('\n')
    const events = await read(write('btcusdt.csv', text), { columns: ['timestamp', 'price', 'quantity'] })
    expect(tradesOf(events).map(([, action]) => action)).toEqual(['BUY', 'SELL', 'SELL'])
  })

  it('name the symbol of every file', async () => {
    const events = await read(write('ethusdt.csv', ownCandles(BARS)), { symbol: 'BTC/USDT' })
    expect(market(events)).toEqual(market(await read(write('btcusdt.csv', ownCandles(BARS)))))
    const binance = write('x.csv', `0,100,1,100,${T0},true,true`)
    await expect(read(binance)).rejects.toThrow(/trades do not say of what they are: name the file after their pair/)
    expect(await read(binance, { symbol: 'BTC/USDT' })).toContainEqual(expect.objectContaining({ symbol: 'BTC/USDT' }))
  })
})

describe('files that cannot be read', () => {
  const binary = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d, 0x49, 0x48])

  it.each([
    ['a picture', 'a.csv', binary, /line 1: it holds binary data of no known format: CSV, JSON/],
    ['UTF-16', 'a.csv', Buffer.from('\uFEFFtimestamp,open', 'utf16le'), /it is text in UTF-16: save it as UTF-8/],
    ['zstd', 'a.csv.zst', Buffer.from('28b52ffd2488', 'hex'), /packed with zstd: unpack it/],
    ['old feather', 'a.feather', Buffer.from('FEA1xxxx'), /it is feather version 1/],
    [
      'a zip of two files',
      'a.zip',
      zipped({ name: 'a.csv', text: 'a' }, { name: 'b.csv', text: 'b' }),
      /the zip archive holds 2 files \(a\.csv, b\.csv …\): one was expected/,
    ],
    ['a zip of nothing', 'a.zip', zipped(), /it is an empty zip archive|holds no file/],
    [
      'a zip with a wrong checksum',
      'a.zip',
      zipped({ name: 'a.csv', text: ownTrades(TRADES), checksum: 7 }),
      /the checksum of a\.csv in the zip is wrong/,
    ],
    [
      'a zip that is cut off',
      'a.zip',
      zipped({ name: 'a.csv', text: ownTrades(TRADES) }).subarray(0, 90),
      /the zip archive is damaged or cut off/,
    ],
    [
      'JSON that is cut off',
      'btcusdt.json',
      '[[1704067200000,1,1,1,1,1],\n[17040',
      /line 2: it begins as JSON and is none/,
    ],
    ['JSON of no rows', 'btcusdt.json', '[]', /the file holds no row: an array of rows was expected/],
    [
      'a row of JSON that is no array',
      'btcusdt.json',
      `[[${T0},1,1,1,1,1],7]`,
      /row 2: a row must be an array as the first/,
    ],
    [
      'a price of JSON that is none',
      'btcusdt.json',
      `[[${T0},1,1,1,1,1],[${T0 + MINUTE},1,1,null,1,1]]`,
      /row 2: low must be a number above 0, not ""/,
    ],
    [
      'klines with a price that is none',
      'BTCUSDT-1m.csv',
      klines(BARS).replace('41950', 'x'),
      /BTCUSDT-1m\.csv, line 3: low must be a number above 0, not "x"/,
    ],
    [
      'trades with a flag that is none',
      'BTCUSDT-trades.csv',
      `0,100,1,100,${T0},true,true\n1,100,1,100,${T0},maybe,true\n2,100,1,100,${T0},true,true`,
      /line 2: is_buyer_maker must be true or false, not "maybe"/,
    ],
    [
      'rows of a layout that is unknown',
      'btcusdt.csv',
      `${T0},1,2\n`,
      /line 1: the row "1704067200000,1,2" is of no recording that we know: .*--columns/,
    ],
    [
      'candles of two symbols',
      'x.csv',
      `timestamp,symbol,open,high,low,close,volume\n${T0},BTCUSDT,1,1,1,1,1\n${T0 + MINUTE},ETHUSDT,1,1,1,1,1`,
      /line 3: candles of one file must be of one symbol, BTCUSDT, not "ETHUSDT"/,
    ],
  ])('are refused: %s', async (_what, name, content, message) => {
    const file = write(name, content)
    const reading = read(file)
    await expect(reading).rejects.toThrow(message)
    await expect(reading).rejects.toThrow(file)
    await expect(reading).rejects.toBeInstanceOf(RecordingError)
    // eslint-disable-next-line no-control-regex -- the point of the test
    await expect(reading).rejects.not.toThrow(/[\u0000-\u0008\u000E-\u001F\uFFFD]/)
  })
})
