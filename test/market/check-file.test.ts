import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from '@jest/globals'
import { checkFile } from '../../src/market/internal.js'

const folder = mkdtempSync(join(tmpdir(), 'rxquant-check-'))
afterAll(() => rmSync(folder, { recursive: true }))
let count = 0
const check = async (name: string, text: string) => {
  const file = join(mkdtempSync(join(folder, `${++count}-`)), name)
  writeFileSync(file, text)
  return checkFile(file)
}

const T0 = Date.UTC(2024, 0, 1)
const MINUTE = 60_000
type Row = readonly [minute: number, price?: number, volume?: number]
const candles = (...rows: readonly Row[]) =>
  check(
    'btcusdt.csv',
    `timestamp,open,high,low,close,volume\n${rows.map(([minute, price = 100, volume = 4]) => `${T0 + minute * MINUTE},${price},${price + 0.5},${price - 0.5},${price},${volume}`).join('\n')}\n`,
  )
const minutes = (to: number): readonly Row[] => Array.from({ length: to }, (_, minute) => [minute] as const)

describe('a check of candles', () => {
  it('finds nothing in a sound file, and says what it holds', async () => {
    expect(await candles(...minutes(9))).toMatchObject({
      facts: [
        'read as candles of BTC/USDT; CSV; times in milliseconds',
        '9 candles of 1m, 2024-01-01T00:00:00.000Z to 2024-01-01T00:08:00.000Z',
      ],
      findings: [],
    })
  })

  it.each<[string, readonly Row[], RegExp]>([
    ['gaps', [...minutes(4), [7], [8], [9]], /^1 gaps: line 5 \(3 missing after 2024-01-01T00:03/],
    ['duplicates', [...minutes(4), [3], [4]], /^1 duplicates: line 6 \(2024-01-01T00:03:00\.000Z, as line 5\)/],
    ['rows out of order', [...minutes(4), [2.5], [4]], /^1 candles out of order: line 6 \(.*, after line 5\)/],
    ['a volume of zero', [...minutes(4), [4, 100, 0], [5]], /^1 candles with a volume of zero: line 6/],
    [
      'a price far off',
      [...minutes(4), [4, 1_000], [5], [6]],
      /^1 prices far off: line 6 \(1000\.5 among prices of 100\)/,
    ],
    [
      'a price that is none',
      [...minutes(4), [4, Number.NaN], [5]],
      /line 6 \(open must be a number above 0, not "NaN"\)/,
    ],
  ])('finds %s', async (_what, rows, words) => {
    expect((await candles(...rows)).findings).toContainEqual(expect.stringMatching(words))
  })

  it('does not call a market that jumps and stays an outlier', async () => {
    const jump = [...minutes(5), ...minutes(5).map(([minute]): Row => [minute + 5, 130])]
    expect((await candles(...jump)).findings).toEqual([])
  })
})

describe('a check of trades', () => {
  const trades = (...rows: readonly (readonly [id: number, ms: number, price?: number])[]) =>
    check('BTCUSDT-trades.csv', rows.map(([id, ms, price = 100]) => `${id},${price},1,100,${T0 + ms},true`).join('\n'))

  it('finds order, duplicates, missing ids and prices far off', async () => {
    expect((await trades([1, 0], [2, 1], [3, 900])).findings).toEqual([])
    const { findings } = await trades(
      [1, 0],
      [2, 1],
      [2, 1],
      [3, 9_000],
      [4, 10],
      [9, 9_001, 500],
      [10, 9_002],
      [11, 9_002],
    )
    expect(findings).toEqual([
      '1 duplicates: line 3 (id 2)',
      expect.stringMatching(/^1 trades out of order: line 5/),
      '1 gaps: line 6 (4 ids missing before 9)',
      '1 prices far off: line 6 (500 among prices of 100)',
    ])
  })
})

describe('a check of any file', () => {
  it('finds the holes of an order book', async () => {
    const row = (ms: number | '', type: string, id: number) => `${ms},0,BTCUSDT,${type},${id},${id},BID,99,1\n`
    const header = 'timestamp,recv_timestamp,symbol,type,first_update_id,last_update_id,side,price,quantity\n'
    const hole = header + row('', 'SNAPSHOT', 1) + row(T0, 'UPDATE', 2) + row(T0 + 1, 'UPDATE', 4)
    expect((await check('book.csv', hole)).findings).toEqual([
      expect.stringMatching(/^1 rows that cannot be read: line 4 \(the last 1 updates of BTC\/USDT follow no SNAPSHOT/),
    ])
    const mended = hole + row(T0 + 2, 'SNAPSHOT', 9) + row(T0 + 3, 'UPDATE', 10)
    expect((await check('book.csv', mended)).findings).toEqual([expect.stringMatching(/^1 gaps: updates are missing/)])
  })

  it('tells what it cannot read', async () => {
    expect((await check('a.bin', 'PAR2\u0000\u0001')).findings).toEqual([
      expect.stringMatching(/it holds binary data of no known format/),
    ])
    expect((await checkFile(join(folder, 'nothing'))).findings).toEqual([expect.stringMatching(/ENOENT/)])
  })
})
