import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { lastValueFrom, map, NEVER, type Observable, of, toArray } from 'rxjs'
import { type MarketEvent, readMarket } from '../../src/market/index.js'
import { strategy, type StrategyLogin } from '../../src/strategy/index.js'
import { backtest, type BacktestOptions } from '../../src/backtest/index.js'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rxquant-other-market-'))
})
afterAll(() => rmSync(folder, { recursive: true }))
const file = (name: string, ...rows: string[]): string => {
  const path = join(folder, name)
  writeFileSync(path, rows.join('\n'))
  return path
}

const startMs = Date.UTC(2024, 0, 1)
const candles = (name: string) =>
  file(name, 'timestamp,open,high,low,close,volume', `${startMs},10,11,9,10,4`, `${startMs + 60_000},10,11,9,10,4`)
const trades = (name: string, ...symbols: string[]) =>
  file(
    name,
    'timestamp,symbol,side,price,quantity',
    ...symbols.map((symbol, n) => `${startMs + n * 1_000},${symbol},BUY,60000,1`),
  )

const huobi: StrategyLogin = { platform: 'huobi', symbols: ['BTC/USDT'] }
const events = (options: BacktestOptions, logins = [huobi], run: () => Observable<unknown> = () => NEVER) =>
  lastValueFrom(backtest(strategy({ logins, run }), options).pipe(toArray()))
const notes = async (...args: Parameters<typeof events>) =>
  (await events(...args)).flatMap((event) => (event.type === 'note' ? [event.words] : []))

describe('a backtest over a market that holds none of what the strategy trades', () => {
  it.each([
    ['candles', () => readMarket([candles('solusdt_1m.csv')])],
    ['trades', () => readMarket([trades('trades.csv', 'SOLUSDT', 'SOLUSDT')])],
    [
      'events',
      (): MarketEvent[] => [
        { type: 'trade', symbol: 'SOL/USDT', action: 'BUY', price: 1, quantity: 1, timestamp: startMs },
      ],
    ],
  ])('errors, and names what it holds and what is wanted: %s', async (_, market) => {
    await expect(events({ market: market() })).rejects.toThrow(
      'the market holds SOL/USDT, and the strategy wants BTC/USDT',
    )
  })

  it('errors where what a platform makes of it is of another coin', async () => {
    const other = map((event: MarketEvent) => (event.type === 'progress' ? event : { ...event, symbol: 'ETH/USDT' }))
    const market = readMarket([trades('renamed.csv', 'BTCUSDT')])
    await expect(events({ market, marketOf: (_, market$) => market$.pipe(other) })).rejects.toThrow(
      'holds ETH/USDT, and the strategy wants BTC/USDT',
    )
  })

  it('errors where it holds nothing at all: never without an end and without a word', async () => {
    await expect(events({ market: [] })).rejects.toThrow(
      'the market holds nothing that is traded, and the strategy wants BTC/USDT',
    )
    await expect(events({ market: readMarket([trades('unknown.csv', '???')]) })).rejects.toThrow('???')
  })

  it('does not blame the market for a strategy that is done before the market comes', async () => {
    const market = readMarket([trades('late.csv', 'ETHUSDT', 'BTCUSDT')])
    expect((await events({ market }, [huobi], () => of(1))).at(-1)).toMatchObject({ type: 'end' })
  })
})

describe('a backtest over a market that holds a part of what the strategy trades', () => {
  it('notes what the market did not hold, where it was wanted, and what was not wanted', async () => {
    const market = readMarket([trades('three.csv', 'ETHUSDT', 'BTCUSDT', 'SOLUSDT')])
    const logins = [huobi, { platform: 'huobi_future', symbols: ['BTC/USD'] }]
    expect(await notes({ market }, logins)).toEqual([
      'the market held nothing of BTC/USD, which the strategy trades on huobi_future',
      'ETH/USDT, SOL/USDT of the market is left out: the strategy does not trade it',
    ])
  })

  it('says nothing where all is as it should be', async () => {
    expect(await notes({ market: readMarket([trades('one.csv', 'BTCUSDT', 'BTCUSDT')]) })).toEqual([])
  })
})

it('notes the rows of a file that are left out, before the first event and after', async () => {
  const market = readMarket([trades('odd.csv', '???', 'BTCUSDT', '!!!', 'BTCUSDT')])
  const told = await notes({ market })
  expect(told.filter((words) => words.includes('left out'))).toHaveLength(2)
  expect(told.join()).toMatch(/odd\.csv: "\?\?\?" is left out/)
  expect(told.join()).toMatch(/odd\.csv: "!!!" is left out/)
})
