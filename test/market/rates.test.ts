import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, it } from '@jest/globals'
import { readMarket, readRates } from '../../src/market/index.js'

const folder = mkdtempSync(join(tmpdir(), 'rxquant-rates-'))
afterAll(() => rmSync(folder, { recursive: true }))
let count = 0
const write = (name: string, text: string) => {
  const file = join(folder, String(++count), name)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
  return file
}
const read = async (file: string) => {
  const events: unknown[] = []
  for await (const piece of readRates(file)) events.push(...piece)
  return events
}

const T0 = Date.UTC(2024, 0, 1)
const HOURS = 3_600_000
const funding = (rate: number, timestamp: number) => ({ type: 'funding', symbol: 'BTC/USDT', rate, timestamp })
const mark = (price: number, timestamp: number) => ({ type: 'mark', symbol: 'BTC/USDT', price, timestamp })

describe('funding rates and mark prices', () => {
  it.each([
    [
      'our own columns',
      'a.csv',
      `timestamp,symbol,funding_rate\n${T0},BTCUSDT,0.0001\n${T0 + 8 * HOURS},BTCUSDT,-0.0002\n`,
    ],
    [
      'Binance',
      'BTCUSDT-fundingRate-2024-01.csv',
      `calc_time,funding_interval_hours,last_funding_rate\n${T0},8,0.0001\n${T0 + 8 * HOURS},8,-0.0002\n`,
    ],
    [
      'CCXT',
      'btcusdt.json',
      JSON.stringify([
        { timestamp: T0, fundingRate: 0.0001 },
        { timestamp: T0 + 8 * HOURS, fundingRate: -0.0002 },
      ]),
    ],
    [
      'freqtrade',
      'BTC_USDT_USDT-8h-funding_rate.json',
      JSON.stringify([
        [T0, 0.0001, 0, 0, 0, 0],
        [T0 + 8 * HOURS, -0.0002, 0, 0, 0, 0],
      ]),
    ],
  ])('of %s are read', async (_what, name, text) => {
    expect(await read(write(name, text))).toEqual([funding(0.0001, T0), funding(-0.0002, T0 + 8 * HOURS)])
  })

  it('of Tardis are read together; mark prices of Binance by their folder', async () => {
    const tardis = `exchange,symbol,timestamp,local_timestamp,funding_timestamp,funding_rate,predicted_funding_rate,open_interest,last_price,index_price,mark_price
x,BTCUSDT,${T0}000,${T0}000,,0.0001,,,,,42000
x,BTCUSDT,${T0 + 1}000,${T0 + 1}000,,,,,,,42001
`
    expect(await read(write('t.csv', tardis))).toEqual([funding(0.0001, T0), mark(42_000, T0), mark(42_001, T0 + 1)])
    const klines = `${T0},42000,42010,41990,42005,0,${T0 + 59_999},0,60,0,0,0\n`
    expect(await read(write('markPriceKlines/BTCUSDT-1m.csv', klines))).toEqual([mark(42_000, T0)])
  })

  it('are refused with their line, and left out of a market with a note', async () => {
    const file = write('a.csv', `timestamp,symbol,funding_rate\n${T0},BTCUSDT,x\n`)
    await expect(read(file)).rejects.toThrow(/line 2: funding_rate must be a number, not "x"/)
    const events: unknown[] = []
    for await (const piece of readMarket([file])) events.push(...piece)
    expect(events).toEqual([
      expect.objectContaining({
        type: 'progress',
        notes: [expect.stringMatching(/read as funding rates or mark prices; .* left out, since the paper exchange/)],
      }),
    ])
  })
})
