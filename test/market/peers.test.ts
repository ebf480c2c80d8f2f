import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from '@jest/globals'
import { type MarketEvent, readMarket, type ReadMarketOptions, RecordingError } from '../../src/market/index.js'
import { peer } from '../../src/market/files/source/peers.js'

const folder = mkdtempSync(join(tmpdir(), 'rxquant-peers-'))
afterAll(() => rmSync(folder, { recursive: true }))
/** Made with pyarrow 25, of three candles and three trades. */
const sample = (name: string) => join(process.cwd(), 'test/market/samples', name)
const write = (name: string, content: string | Buffer) => {
  const file = join(folder, name)
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

const { resolve } = createRequire(import.meta.url)
const areInstalled = ['apache-arrow', 'lz4js', 'hyparquet', 'hyparquet-compressors'].every((name) => {
  try {
    return resolve(name) !== ''
  } catch {
    return name === 'hyparquet' || name === 'hyparquet-compressors'
  }
})
const withPeers = areInstalled ? it : it.skip
if (!areInstalled) console.log('skipped: apache-arrow is not installed (npm ci installs it)')

const CANDLES = `timestamp,open,high,low,close,volume
1704067200000,42000,42010,41990,42005,4
1704067260000,42005,42020.5,42000,42001,1.25
1704067320000,42001,42001,41950,41960,8
`

describe('files of optional packages', () => {
  withPeers.each([
    ['BTC_USDT-1m.feather', /candles of BTC\/USDT; feather; times in milliseconds/],
    ['btcusdt_1m.parquet', /candles of BTC\/USDT; Parquet; dates/],
    ['btcusdt_us.parquet', /candles of BTC\/USDT; Parquet; times in microseconds/],
  ])('%s holds the candles of our own CSV', async (name, words) => {
    const events = await read(sample(name))
    expect(market(events)).toEqual(market(await read(write('btcusdt.csv', CANDLES))))
    expect(notesOf(events)).toEqual([expect.stringMatching(words)])
  })

  withPeers('trades of Parquet are trades', async () => {
    const trades = (await read(sample('btcusdt_trades.parquet'))).filter(({ type }) => type === 'trade')
    expect(trades).toEqual([
      { type: 'trade', symbol: 'BTC/USDT', action: 'BUY', price: 42000.5, quantity: 0.25, timestamp: 1704067200001 },
      { type: 'trade', symbol: 'BTC/USDT', action: 'SELL', price: 42000, quantity: 1, timestamp: 1704067200001 },
      {
        type: 'trade',
        symbol: 'BTC/USDT',
        action: 'SELL',
        price: 41999.9,
        quantity: 0.00012,
        timestamp: 1704067200950,
      },
    ])
  })

  withPeers('are refused where they are cut off or compressed otherwise, without a byte of them', async () => {
    const files = [
      write('cut.parquet', readFileSync(sample('btcusdt_1m.parquet')).subarray(0, 900)),
      write('cut.feather', readFileSync(sample('BTC_USDT-1m.feather')).subarray(0, 900)),
    ]
    for (const file of files) {
      const reading = read(file)
      await expect(reading).rejects.toThrow(/row 1: the (Parquet|feather) file is damaged/)
      await expect(reading).rejects.toBeInstanceOf(RecordingError)
      await expect(reading).rejects.not.toThrow(/[^\x20-\x7E]/)
    }
    await expect(read(sample('BTC_USDT-zstd.feather'))).rejects.toThrow(
      /the feather file is compressed with zstd: LZ4 or none was expected/,
    )
  })

  it('say which packages are missing, and the command that installs them', async () => {
    await expect(peer('a.parquet', 'Parquet', ['not-there', 'not-there-either'])).rejects.toThrow(
      'a.parquet, line 1: Parquet is read by not-there and not-there-either, which are not installed: npm install not-there not-there-either',
    )
  })
})
