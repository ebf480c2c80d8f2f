import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { type MarketEvent, readColumns, readMarket, RecordingError } from '../../src/market/index.js'
import { convertFiles } from '../../src/market/internal.js'
import { dataFile, itWithData } from '../support/market-data.js'

const folder = mkdtempSync(join(tmpdir(), 'rxquant-columns-'))
afterAll(() => rmSync(folder, { recursive: true }))
let count = 0
const path = (name: string) => join(mkdtempSync(join(folder, `${++count}-`)), name)
const write = (name: string, content: string | Buffer) => {
  const file = path(name)
  writeFileSync(file, content)
  return file
}
const marketOf = async (...files: readonly string[]) => {
  const events: MarketEvent[] = []
  for await (const piece of readMarket(files)) events.push(...piece.filter(({ type }) => type !== 'progress'))
  return events
}
/** Converts files, and reads both. */
const both = async (...files: readonly string[]) => {
  const out = path('converted.rxq')
  await convertFiles(files, out, {})
  return { original: await marketOf(...files), converted: await marketOf(out), out }
}

const T0 = Date.UTC(2024, 0, 1)
const MINUTE = 60_000
const candles = (from: number, to: number) =>
  `timestamp,open,high,low,close,volume\n${Array.from({ length: to - from }, (_, n) => `${T0 + (from + n) * MINUTE},100.1,102.25,99.3,101,${n + 0.5}`).join('\n')}\n`
const BOOK = `timestamp,recv_timestamp,symbol,type,first_update_id,last_update_id,pu,side,price,quantity
${T0},7,BTCUSDT,UPDATE,90,95,89,BID,98.5,2
,7,BTCUSDT,SNAPSHOT,100,100,,BID,99,1
,7,BTCUSDT,SNAPSHOT,100,100,,ASK,101,1
${T0 + 1},8,BTCUSDT,UPDATE,98,104,97,BID,98,1.5
${T0 + 2},9,BTCUSDT,UPDATE,120,130,104,ASK,101,0
`
const TARDIS = `exchange,symbol,timestamp,local_timestamp,is_snapshot,side,price,amount
binance,BTCUSDT,${T0}000,${T0}100,true,bid,99,1
binance,BTCUSDT,${T0}000,${T0}100,true,ask,101,1
binance,BTCUSDT,${T0 + 1}000,${T0 + 1}100,false,bid,99,0
binance,BTCUSDT,${T0 + 1}000,${T0 + 1}200,false,ask,100,2
`
const TRADES = `id,price,qty,quote_qty,time,is_buyer_maker
1,100.5,0.25,25,${T0},true
2,100.5,1,100,${T0 + 5},false
`

describe('a file of columns', () => {
  it.each([
    ['candles', 'btcusdt.csv', candles(0, 5)],
    ['trades', 'BTCUSDT-trades.csv', TRADES],
    ['a book', 'book.csv', BOOK],
    ['a book of Tardis', 'book.csv', TARDIS],
  ])('is the same market as %s', async (_what, name, text) => {
    const { original, converted } = await both(write(name, text))
    expect(original.length).toBeGreaterThan(2)
    expect(converted).toEqual(original)
  })

  it('joins candles that overlap, and trades of several symbols', async () => {
    const { original, converted } = await both(write('btcusdt.csv', candles(0, 5)), write('btcusdt.csv', candles(3, 9)))
    expect(converted).toEqual(original)
    expect(converted.filter(({ type }) => type === 'trade')).toHaveLength(4 * 9)
    const two = write(
      'a.csv',
      `timestamp,symbol,side,price,quantity\n${T0},BTCUSDT,buy,1,1\n${T0 + 1},ETHUSDT,sell,2,1\n`,
    )
    const trades = await both(two)
    expect(trades.converted).toEqual(trades.original)
  })

  it('keeps every number to the last digit', async () => {
    const number = fc.double({ min: 1e-8, max: 1e9, noNaN: true, noDefaultInfinity: true })
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(number, number), { minLength: 1, maxLength: 20 }), async (rows) => {
        const text = rows.map(([price, quantity], n) => `${T0 + n},BTCUSDT,BUY,${price},${quantity}`).join('\n')
        const { original, converted } = await both(write('a.csv', `timestamp,symbol,side,price,quantity\n${text}\n`))
        expect(converted).toEqual(original)
      }),
      { numRuns: 8 },
    )
  })

  it('is read in gzip, and as typed arrays', async () => {
    const { original, out } = await both(write('btcusdt.csv', candles(0, 5)))
    expect(await marketOf(write('a', gzipSync(readFileSync(out))))).toEqual(original)
    const { kind, symbol, rows, columns } = await readColumns(out)
    expect({ kind, symbol, rows }).toEqual({ kind: 'candles', symbol: 'BTC/USDT', rows: 5 })
    expect(columns.map(({ name }) => name)).toEqual(['timestamp', 'open', 'high', 'low', 'close', 'volume'])
    expect(Array.from(columns[5]?.values ?? [])).toEqual([0.5, 1.5, 2.5, 3.5, 4.5])
  })

  it('is refused where it is damaged or cut off, without a byte of it', async () => {
    const { out } = await both(write('btcusdt.csv', candles(0, 5)))
    const bytes = readFileSync(out)
    const flipped = Buffer.from(bytes)
    flipped[bytes.length - 3] = 255 - (flipped[bytes.length - 3] ?? 0)
    for (const broken of [flipped, bytes.subarray(0, bytes.length - 8), bytes.subarray(0, 12)]) {
      const reading = marketOf(write('a.rxq', broken))
      await expect(reading).rejects.toThrow(/a\.rxq, row 1: the file of columns is damaged or cut off/)
      await expect(reading).rejects.toBeInstanceOf(RecordingError)
    }
    await expect(readColumns(write('a.csv', TRADES))).rejects.toThrow(/it is no file of columns/)
  })

  it('is not made of files of two kinds or symbols', async () => {
    const btc = write('btcusdt.csv', candles(0, 2))
    await expect(both(btc, write('BTCUSDT-trades.csv', TRADES))).rejects.toThrow(/convert files of one kind/)
    await expect(both(btc, write('ethusdt.csv', candles(0, 2)))).rejects.toThrow(/candles: of one symbol/)
  })

  const NAME = 'candles_btcusdt_1m_202401.csv.gz'
  itWithData(NAME)(
    'is the month of candles',
    async () => {
      const out = path('month.rxq')
      expect(await convertFiles([dataFile(NAME)], out, {})).toBe(44_641)
      const text = gunzipSync(readFileSync(dataFile(NAME))).toString('utf8')
      const rows = text.trim().split('\n').slice(1)
      const { columns } = await readColumns(out)
      for (const [index, { values }] of columns.entries())
        expect(Array.from(values)).toEqual(rows.map((row) => Number(row.split(',')[index])))
    },
    60_000,
  )
})
