import { describe, expect } from '@jest/globals'
import { createExchange } from '../../src/exchange/index.js'
import { readMarket } from '../../src/market/index.js'
import { marketMakerCommand } from '../../src/market/internal.js'
import type { Trade } from '../../src/protocol/index.js'
import { dataFile, itWithData } from '../support/market-data.js'
import { textLines } from '../../src/market/files/source/text-lines.js'

const real = itWithData('trades_spot_btcusdt_20240808.csv.gz')

async function* linesOf(name: string): AsyncGenerator<string[]> {
  let isHeader = true
  for await (const { lines } of textLines(dataFile(name)))
    for (const line of lines) {
      if (!isHeader && line !== '') yield line.split(',')
      isHeader = false
    }
}

/** Plays files without orders of accounts: the trades told, and best prices at each change. */
const played = async (names: readonly string[], symbol: string, platform = 'huobi') => {
  const exchange = createExchange({ platform })
  exchange.apply({ type: 'open-account', account: 'house', house: true }, 0)
  const trades: Trade[] = []
  const quotes: { readonly atMs: number; readonly pair: string; readonly updateId: number | undefined }[] = []
  for await (const piece of readMarket(names.map(dataFile)))
    for (const event of piece) {
      const command = marketMakerCommand(event, 'house', exchange.symbols)
      if (command === undefined || event.type === 'progress') continue
      for (const told of exchange.apply(command, event.timestamp)) {
        if (told.type === 'refused') throw new Error(told.message)
        if (told.type === 'trade' && told.data.symbol === symbol) trades.push(told.data)
      }
      const { bid = 0, ask = 0 } = exchange.ticker(symbol) ?? {}
      const updateId = event.type === 'levels' || event.type === 'quote' ? event.updateId : undefined
      if (bid > 0 && ask > 0) quotes.push({ atMs: event.timestamp, pair: `${bid} ${ask}`, updateId })
    }
  expect(exchange.audit()).toEqual([])
  return { trades, quotes }
}

const recordedTrades = async (name: string, symbol: string): Promise<Trade[]> => {
  const trades: Trade[] = []
  for await (const [timestamp, , side, price, quantity] of linesOf(name)) {
    const action = side === 'BUY' ? 'BUY' : 'SELL'
    trades.push({ symbol, action, price: Number(price), quantity: Number(quantity), timestamp: Number(timestamp) })
  }
  return trades
}

describe('recorded trades of real markets', () => {
  real.each([
    ['huobi', ['trades_spot_ethusdt_20240808.csv.gz'], 'ETH/USDT', 14_515],
    ['okex', ['trades_spot_btcusdt_20240808.csv.gz'], 'BTC/USDT', 19_904],
    ['huobi', ['l2_spot_btcusdt_20240808.csv.gz', 'trades_spot_btcusdt_20240808.csv.gz'], 'BTC/USDT', 19_904],
    ['okex', ['l2_spot_btcusdt_20240808.csv.gz', 'trades_spot_btcusdt_20240808.csv.gz'], 'BTC/USDT', 19_904],
  ] as const)(
    'are reported by %s once and as recorded, with and without their book: %j',
    async (platform, names, symbol, count) => {
      const { trades } = await played(names, symbol, platform)
      expect(trades).toHaveLength(count)
      expect(trades).toEqual(await recordedTrades(names.at(-1) ?? '', symbol))
    },
    60_000,
  )

  real(
    'leave the recorded book as it is: 99 of 100 shown pairs of best prices are ones that were recorded within 100 ms',
    async () => {
      const names = ['l2_spot_btcusdt_20240808.csv.gz', 'trades_spot_btcusdt_20240808.csv.gz']
      const { quotes } = await played(names, 'BTC/USDT')
      const recorded: { readonly atMs: number; readonly pair: string }[] = []
      const receivedMs = new Map<number, number>()
      for await (const [received, , bid, , ask, , id] of linesOf('quotes_spot_btcusdt_20240808.csv.gz')) {
        recorded.push({ atMs: Number(received), pair: `${Number(bid)} ${Number(ask)}` })
        receivedMs.set(Number(id), Number(received))
      }
      // The clock of the recorder is behind that of the exchange: by the median at updates that both files name.
      const offsets = quotes
        .flatMap(({ updateId, atMs }) => {
          const received = receivedMs.get(updateId ?? 0)
          return received === undefined ? [] : [atMs - received]
        })
        .sort((a, b) => a - b)
      expect(offsets.length).toBeGreaterThan(1_000)
      const offset = offsets[Math.floor(offsets.length / 2)] ?? 0
      expect(Math.abs(offset - 1_273)).toBeLessThan(100)

      let [from, good, compared] = [0, 0, 0]
      const lastMs = (recorded.at(-1)?.atMs ?? 0) + offset
      for (const { atMs, pair } of quotes) {
        if (atMs > lastMs) break
        compared += 1
        // From the pair that was the present one 100 ms before.
        while ((recorded[from + 1]?.atMs ?? Infinity) + offset <= atMs - 100) from += 1
        for (let at = from; (recorded[at]?.atMs ?? Infinity) + offset <= atMs + 100; at++) {
          if (recorded[at]?.pair !== pair) continue
          good += 1
          break
        }
      }
      expect(compared).toBeGreaterThan(20_000)
      expect(good / compared).toBeGreaterThanOrEqual(0.99)
    },
    60_000,
  )
})
