import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from '@jest/globals'
import { firstValueFrom, map, toArray } from 'rxjs'
import { createExchange, type ExchangeEvent } from '../../src/exchange/index.js'
import { type MarketEvent, RecordingError, tradesCsv } from '../../src/market/index.js'
import { marketMakerCommand } from '../../src/market/internal.js'
import { spotPair } from '../../src/market/files/symbol-names.js'
import { dataFile, itWithData } from '../support/market-data.js'
import { stamped, unstamped } from './stamped.js'

const folder = mkdtempSync(join(tmpdir(), 'rxquant-trades-'))
afterAll(() => rmSync(folder, { recursive: true }))
const write = (name: string, text: string) => {
  const file = join(folder, name)
  writeFileSync(file, name.endsWith('.gz') ? gzipSync(stamped(text)) : stamped(text))
  return file
}
const read = (file: string) =>
  firstValueFrom(tradesCsv(file, { speed: Infinity }).pipe(map(unstamped), toArray()), { defaultValue: [] })
const takes = (events: readonly MarketEvent[]) => events.filter((event) => event.type === 'trade')

const HEADER = 'timestamp,symbol,side,price,quantity\n'
const ROWS = `${HEADER}1000,BTCUSDT,BUY,50000.5,0.25\n1500,ETHUSDT,SELL,3000,2\n1500,BTCUSDT-PERP,SELL,50000,1\n`

describe('trades of a CSV file', () => {
  it('become trades of the exchange’s symbols, plain or gzip, and the end of the file is reported', async () => {
    for (const file of [write('a.csv', ROWS), write('a.csv.gz', ROWS)]) {
      const events = await read(file)
      expect(takes(events)).toEqual([
        { type: 'trade', symbol: 'BTC/USDT', action: 'BUY', price: 50000.5, quantity: 0.25, timestamp: 1000 },
        { type: 'trade', symbol: 'ETH/USDT', action: 'SELL', price: 3000, quantity: 2, timestamp: 1500 },
      ])
      const end = events.at(-1)
      expect(end?.type === 'progress' && end.bytesRead === end.bytesTotal && end.bytesTotal > 0).toBe(true)
    }
  })

  it('may have quotes around what they hold, and say which line has one that does not end', async () => {
    const quoted =
      '"timestamp","symbol","side","note","price","quantity"\n1000,"BTC/USDT",BUY,"large, ""late""", "50000.5",0.25\n'
    expect(takes(await read(write('quoted.csv', quoted)))).toEqual([
      { type: 'trade', symbol: 'BTC/USDT', action: 'BUY', price: 50000.5, quantity: 0.25, timestamp: 1000 },
    ])
    const broken = read(write('broken.csv', `${quoted}2000,"BTC/USDT,BUY,,1,1\n`))
    await expect(broken).rejects.toThrow(RecordingError)
    await expect(broken).rejects.toThrow('line 3: a quote that does not end')
  })

  it('may have their columns in another order, Windows line ends and no last line end', async () => {
    const file = write('b.csv', 'symbol,price,quantity,timestamp,side\r\nBTC-USDT,50000,1,1600000020007,buy')
    expect(takes(await read(file))).toEqual([
      { type: 'trade', symbol: 'BTC/USDT', action: 'BUY', price: 50000, quantity: 1, timestamp: 7 },
    ])
  })

  it.each([
    ['a side that is none', `${HEADER}1,BTCUSDT,HOLD,1,1`, /line 2: side must be BUY or SELL, not "HOLD"/],
    [
      'a price that is none',
      `${HEADER}1,BTCUSDT,BUY,1,1\n2,BTCUSDT,BUY,NaN,1`,
      /line 3: price must be a number above 0/,
    ],
    ['a missing quantity', `${HEADER}1,BTCUSDT,BUY,1`, /line 2: quantity must be a number above 0, not ""/],
    [
      'seconds',
      `${HEADER}1,BTCUSDT,BUY,1,1\n 1723075200,BTCUSDT,BUY,1,1`,
      /line 3: timestamp must be milliseconds since 1970, and these look like seconds, not "1723075200"/,
    ],
    ['microseconds', `${HEADER}1,BTCUSDT,BUY,1,1\n 1723075200000000,BTCUSDT,BUY,1,1`, /line 3: .* look like microsec/],
    ['a time that is none', `${HEADER} 17230752,BTCUSDT,BUY,1,1`, /line 2: timestamp must be milliseconds since 1970/],
    [
      'a date that may be two',
      `${HEADER} 01/02/2024,BTCUSDT,BUY,1,1`,
      /line 2: timestamp must be .*, not "01\/02\/2024"/,
    ],
    ['a price with a comma', `${HEADER}1,BTCUSDT,BUY,60,000.5,0.1`, /line 2: 6 fields, and the header names 5/],
    ['a missing column', 'timestamp,symbol,price,quantity\n', /line 1: no column "side"/],
    ['nothing', '', /the file is empty/],
  ])('are refused with %s, saying where', async (_what, text, message) => {
    await expect(read(write('bad.csv', text))).rejects.toThrow(message)
    await expect(read(write('bad.csv', text))).rejects.toBeInstanceOf(RecordingError)
  })

  it('end with the error of a file that is not there, or of a gzip that is cut off', async () => {
    await expect(read(join(folder, 'absent.csv'))).rejects.toThrow(/ENOENT/)
    const file = write('lie.csv', ROWS)
    writeFileSync(`${file}.gz`, stamped(ROWS))
    expect(takes(await read(`${file}.gz`))).toHaveLength(2)
    const whole = gzipSync(ROWS)
    writeFileSync(`${file}.gz`, whole.subarray(0, whole.length / 2))
    await expect(read(`${file}.gz`)).rejects.toThrow(`${file}.gz: unexpected end of file`)
  })

  it('may have commas behind what the header names, as spreadsheets leave them', async () => {
    expect(takes(await read(write('wide.csv', `${HEADER}1,BTCUSDT,BUY,1,1,, \n`)))).toHaveLength(1)
  })

  it('know spot pairs by their names', () => {
    expect(['BTCUSDT', 'ETH/BTC', 'SOL-USDC', 'BTCUSDT-PERP', 'USDT'].map(spotPair)).toEqual([
      'BTC/USDT',
      'ETH/BTC',
      'SOL/USDC',
      undefined,
      undefined,
    ])
  })
})

/** Plays rows into an exchange where an account has an order, placed after the first row. */
async function meet(rows: string, place: { action: 'BUY' | 'SELL'; price: number; quantity: number }) {
  const exchange = createExchange({ platform: 'huobi' })
  exchange.apply({ type: 'open-account', account: 'house', house: true }, 0)
  exchange.apply({ type: 'open-account', account: 'me', deposits: { BTC: 10, USDT: 1_000_000 } }, 0)
  const told: ExchangeEvent[] = []
  let placed = false
  for (const event of await read(write('meet.csv', HEADER + rows))) {
    if (event.type !== 'progress' && event.timestamp > 1 && !placed) {
      placed = true
      told.push(
        ...exchange.apply({ type: 'place', account: 'me', symbol: 'BTC/USDT', order_type: 'LIMIT', ...place }, 1),
      )
    }
    const command = marketMakerCommand(event, 'house', exchange.symbols)
    if (command !== undefined) told.push(...exchange.apply(command, 2))
  }
  return told.flatMap((event) => (event.type === 'fill' ? [[event.data.price, event.data.quantity]] : []))
}

describe('a recorded trade', () => {
  it('fills the order of an account at a better price first, at that price', async () => {
    expect(
      await meet('1,BTCUSDT,BUY,50000,1\n2,BTCUSDT,BUY,50000,0.4\n', { action: 'SELL', price: 49999.95, quantity: 1 }),
    ).toEqual([[49999.95, 0.4]])
  })

  it('leaves an order alone that waits behind what was shown at its price', async () => {
    expect(
      await meet('1,BTCUSDT,BUY,50000,1\n2,BTCUSDT,BUY,50000,0.01\n', { action: 'SELL', price: 50000, quantity: 1 }),
    ).toEqual([])
  })

  it('fills an order at its price once the queue before it is gone', async () => {
    const fills = await meet('1,BTCUSDT,BUY,50000,1\n2,BTCUSDT,BUY,50000,2\n', {
      action: 'SELL',
      price: 50000,
      quantity: 0.5,
    })
    expect(fills.reduce((sum, [, quantity]) => sum + quantity!, 0)).toBe(0.5)
  })

  it('fills an order when the market has gone through its price', async () => {
    const fills = await meet('1,BTCUSDT,BUY,50000,1\n2,BTCUSDT,BUY,50100,0.001\n', {
      action: 'SELL',
      price: 50050,
      quantity: 0.1,
    })
    expect(fills.reduce((sum, [, quantity]) => sum + quantity!, 0)).toBeCloseTo(0.1, 10)
  })
})

const recordedFile = 'trades_all6_20240808.csv.gz'
const recorded = dataFile(recordedFile)
const real = itWithData(recordedFile)

describe('recorded trades of real markets', () => {
  real(
    'move the paper books, trade what was recorded, and end at the last recorded prices',
    async () => {
      const exchange = createExchange({ platform: 'huobi' })
      exchange.apply({ type: 'open-account', account: 'house', house: true }, 0)
      const volumes = { recorded: 0, traded: 0 }
      const refused: ExchangeEvent[] = []
      let last = 0
      await new Promise<void>((resolve, reject) => {
        tradesCsv(recorded, { speed: Infinity }).subscribe({
          next: (event) => {
            const command = marketMakerCommand(event, 'house', exchange.symbols)
            if (command === undefined || event.type === 'progress') return
            if (event.type === 'trade' && event.symbol === 'BTC/USDT') {
              volumes.recorded += event.quantity
              last = event.price
            }
            for (const told of exchange.apply(command, event.timestamp)) {
              if (told.type === 'trade' && told.data.symbol === 'BTC/USDT') volumes.traded += told.data.quantity
              if (told.type === 'refused') refused.push(told)
            }
          },
          complete: resolve,
          error: reject,
        })
      })
      expect(refused.length).toBe(0)
      expect(volumes.recorded).toBeGreaterThan(100)
      expect(volumes.traded).toBeCloseTo(volumes.recorded, 6)
      expect(exchange.ticker('BTC/USDT')!.last).toBe(last)
      expect(exchange.audit()).toEqual([])
    },
    60_000,
  )
})
