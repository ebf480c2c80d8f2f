import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { Subject } from 'rxjs'
import { createExchange } from '../../src/exchange/index.js'
import { type MarketEvent, withBasis, readBook, readMarket } from '../../src/market/index.js'
import { marketMakerCommand, snapToTicks } from '../../src/market/internal.js'
import { bookJoin, type BookMessage } from '../../src/market/files/books/book-join.js'
import { textLines } from '../../src/market/files/source/text-lines.js'
import { dataFile, itWithData } from '../support/market-data.js'
import { stamped, unstamped } from './stamped.js'

const folder = mkdtempSync(join(tmpdir(), 'rxquant-book-'))
afterAll(() => rmSync(folder, { recursive: true }))
const HEADER = 'timestamp,recv_timestamp,symbol,type,first_update_id,last_update_id,side,price,quantity\n'
const write = (rows: string, name = 'l2.csv') => {
  const file = join(folder, name)
  writeFileSync(file, stamped(HEADER + rows))
  return file
}
const read = async (file: string) => {
  const events: MarketEvent[] = []
  for await (const piece of readBook(file)) events.push(...piece.map(unstamped))
  return events.filter(({ type }) => type !== 'progress')
}

const BEFORE = `
1000,0,BTCUSDT,UPDATE,1,4,BID,90,7
1100,0,BTCUSDT,UPDATE,5,8,ASK,101,0
1100,0,BTCUSDT,UPDATE,5,8,BID,98,3
,0,BTCUSDT,SNAPSHOT,6,6,BID,98,1
,0,BTCUSDT,SNAPSHOT,6,6,BID,99,2
,0,BTCUSDT,SNAPSHOT,6,6,ASK,102,5
,0,BTCUSDT,SNAPSHOT,6,6,ASK,101,4
1200,0,BTCUSDT,UPDATE,9,9,ASK,103,6
`.trimStart()

describe('a recorded order book', () => {
  it('begins with the snapshot; older updates are dropped, one that straddles it is applied, and rows of one update are one', async () => {
    expect(await read(write(BEFORE))).toEqual([
      {
        type: 'quote',
        symbol: 'BTC/USDT',
        bids: [
          [99, 2],
          [98, 1],
        ],
        asks: [
          [101, 4],
          [102, 5],
        ],
        timestamp: 1100,
        updateId: 6,
      },
      { type: 'levels', symbol: 'BTC/USDT', bids: [[98, 3]], asks: [[101, 0]], timestamp: 1100, updateId: 8 },
      { type: 'levels', symbol: 'BTC/USDT', bids: [], asks: [[103, 6]], timestamp: 1200, updateId: 9 },
    ])
  })

  it('is empty after an update that is missing, until the next snapshot', async () => {
    const events = await read(
      write(
        `${BEFORE}1300,0,BTCUSDT,UPDATE,11,12,BID,97,1\n,0,BTCUSDT,SNAPSHOT,11,11,BID,96,1\n1400,0,BTCUSDT,UPDATE,13,13,BID,95,1\n`,
      ),
    )
    expect(events.slice(3)).toEqual([
      { type: 'quote', symbol: 'BTC/USDT', bids: [], asks: [], timestamp: 1300, updateId: 12 },
      { type: 'quote', symbol: 'BTC/USDT', bids: [[96, 1]], asks: [], timestamp: 1300, updateId: 11 },
      { type: 'levels', symbol: 'BTC/USDT', bids: [[97, 1]], asks: [], timestamp: 1300, updateId: 12 },
      { type: 'levels', symbol: 'BTC/USDT', bids: [[95, 1]], asks: [], timestamp: 1400, updateId: 13 },
    ])
  })

  it.each([
    ['no snapshot', '1,0,BTCUSDT,UPDATE,1,1,BID,1,1\n', /line 2: the last 1 updates of BTC\/USDT follow no SNAPSHOT/],
    ['a side that is none', '1,0,BTCUSDT,UPDATE,1,1,BUY,1,1\n', /line 2: side must be BID or ASK, not "BUY"/],
    ['a type that is none', '1,0,BTCUSDT,DELTA,1,1,BID,1,1\n', /line 2: type must be SNAPSHOT or UPDATE, not "DELTA"/],
    [
      'an id that is none',
      '1,0,BTCUSDT,UPDATE,x,1,BID,1,1\n',
      /line 2: first_update_id must be a whole number, not "x"/,
    ],
  ])('is refused with %s, saying where', async (_what, rows, message) => {
    await expect(read(write(rows))).rejects.toThrow(message)
  })

  it('is the same wherever the snapshot comes among the updates', () => {
    const level = fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 0, max: 3 }))
    const updates = fc.array(fc.tuple(fc.integer({ min: 1, max: 3 }), fc.array(level, { maxLength: 4 })), {
      minLength: 2,
      maxLength: 12,
    })
    fc.assert(
      fc.property(updates, fc.nat(), fc.nat(), (made, taken, arrives) => {
        let id = 0
        const messages = made.map(([ids, bids], index): BookMessage => {
          const firstId = id + 1
          id += ids
          return { type: 'UPDATE', firstId, lastId: id, timestamp: index, bids: bids.map(([p, q]) => [p, q]), asks: [] }
        })
        const apply = (book: Map<number, number>, bids: BookMessage['bids']) => {
          for (const [price, quantity] of bids)
            if (quantity === 0) book.delete(price)
            else book.set(price, quantity)
        }
        const after = (count: number) => {
          const book = new Map<number, number>()
          for (const { bids } of messages.slice(0, count)) apply(book, bids)
          return book
        }
        // Taken after `at` updates, received at some time later, but before the last.
        const at = taken % (messages.length - 1)
        const from = at + (arrives % (messages.length - 1 - at))
        const snapshot: BookMessage = {
          type: 'SNAPSHOT',
          firstId: messages[at]?.lastId ?? 0,
          lastId: messages[at]?.lastId ?? 0,
          timestamp: undefined,
          bids: [...after(at + 1)],
          asks: [],
        }
        const join = bookJoin('x')
        const book = new Map<number, number>()
        for (const event of [...messages.slice(0, from + 1), snapshot, ...messages.slice(from + 1)].flatMap((each) =>
          join.next(each),
        )) {
          if (event.type === 'quote') book.clear()
          apply(book, event.bids ?? [])
        }
        expect([...book].sort()).toEqual([...after(messages.length)].sort())
      }),
    )
  })

  it('leaves the queue of a price alone where it changes another', () => {
    const exchange = createExchange({ platform: 'huobi' })
    exchange.apply({ type: 'open-account', account: 'house', house: true }, 0)
    exchange.apply({ type: 'open-account', account: 'me', deposits: { USDT: 1_000_000 } }, 0)
    const house = { account: 'house', symbol: 'BTC/USDT' } as const
    exchange.apply(
      {
        type: 'quote',
        ...house,
        bids: [
          [100, 5],
          [99, 5],
        ],
        asks: [[101, 5]],
      },
      0,
    )
    exchange.apply(
      { type: 'place', account: 'me', symbol: 'BTC/USDT', action: 'BUY', price: 100, quantity: 1, order_type: 'LIMIT' },
      0,
    )
    exchange.apply(
      {
        type: 'levels',
        ...house,
        bids: [
          [99, 7],
          [100, 8],
        ],
        asks: [],
      },
      0,
    )
    // What was there before us is still before us; what came on top of it is behind.
    const taken = (quantity: number) =>
      exchange
        .apply({ type: 'take', ...house, action: 'SELL', price: 100, quantity }, 0)
        .flatMap((event) => (event.type === 'fill' ? [event.data.quantity] : []))
    expect(exchange.depth('BTC/USDT', 5)?.bids).toEqual([
      [100, 9],
      [99, 7],
    ])
    expect(taken(5)).toEqual([])
    expect(taken(1)).toEqual([1])
    expect(exchange.depth('BTC/USDT', 5)?.bids).toEqual([
      [100, 3],
      [99, 7],
    ])
    exchange.apply({ type: 'levels', ...house, bids: [[100, 0]], asks: [[99.5, 2]] }, 0)
    expect(exchange.depth('BTC/USDT', 5)).toMatchObject({
      bids: [[99, 7]],
      asks: [
        [99.5, 2],
        [101, 5],
      ],
    })
    expect(exchange.audit()).toEqual([])
  })

  it('stands on the coarser ticks of an exchange, where several of its prices are one', () => {
    const exchange = createExchange({ platform: 'okex' })
    exchange.apply({ type: 'open-account', account: 'house', house: true }, 0)
    const market$ = new Subject<MarketEvent>()
    market$.pipe(snapToTicks((symbol) => exchange.symbolInfo(symbol)?.price_tick)).subscribe((event) => {
      const command = marketMakerCommand(event, 'house', exchange.symbols)
      if (command !== undefined) exchange.apply(command, 0)
    })
    const of = { symbol: 'BTC/USDT', timestamp: 0, updateId: 1 } as const
    market$.next({
      type: 'quote',
      ...of,
      bids: [
        [100.08, 1],
        [100.03, 2],
      ],
      asks: [[100.11, 4]],
    })
    expect(exchange.depth('BTC/USDT', 5)).toMatchObject({ bids: [[100, 3]], asks: [[100.2, 4]] })
    market$.next({
      type: 'levels',
      ...of,
      bids: [
        [100.08, 0],
        [100.01, 8],
      ],
      asks: [[100.15, 1]],
    })
    expect(exchange.depth('BTC/USDT', 5)).toMatchObject({ bids: [[100, 10]], asks: [[100.2, 5]] })
  })
})

it('a recorded book with a basis keeps the same basis while only its changes are sent', () => {
  const exchange = createExchange({ platform: 'huobi' })
  exchange.apply({ type: 'open-account', account: 'house', house: true }, 0)
  const market$ = new Subject<MarketEvent>()
  market$
    .pipe(
      withBasis({ seed: 2, name: 'okex', basis: 0.01 }),
      snapToTicks(() => 0.01),
    )
    .subscribe((event) => {
      const command = marketMakerCommand(event, 'house', exchange.symbols)
      if (command !== undefined) exchange.apply(command, 0)
    })
  const of = { symbol: 'BTC/USDT', timestamp: 0, updateId: 1 } as const
  const bids = Array.from({ length: 50 }, (_, index) => [1_000 - index, 1 + index] as [number, number])
  market$.next({ type: 'quote', ...of, bids, asks: [[1_001, 1]] })
  expect(exchange.depth('BTC/USDT', 1)?.bids[0]?.[0]).not.toBe(1_000)
  // Market by quotes alone would have changed its mind by now: once in fifty events.
  for (const [price] of bids.slice(0, -1)) market$.next({ type: 'levels', ...of, bids: [[price, 0]], asks: [] })
  expect(exchange.depth('BTC/USDT', 100)?.bids.map(([, quantity]) => quantity)).toEqual([50])
})

const real = itWithData('l2_spot_btcusdt_20240808.csv.gz')

describe('the recorded order book of a real market', () => {
  real(
    'has, in the paper exchange, the best prices and sizes that were recorded beside it, at each update that both name',
    async () => {
      const recorded = new Map<number, string>()
      for await (const { lines } of textLines(dataFile('quotes_spot_btcusdt_20240808.csv.gz')))
        for (const line of lines) {
          const [, , bid, bidQuantity, ask, askQuantity, id] = line.split(',')
          recorded.set(Number(id), [bid, bidQuantity, ask, askQuantity].map(Number).join(' '))
        }
      const exchange = createExchange({ platform: 'huobi' })
      exchange.apply({ type: 'open-account', account: 'house', house: true }, 0)
      let compared = 0
      const wrong: string[] = []
      let levels = 0
      for await (const piece of readBook(dataFile('l2_spot_btcusdt_20240808.csv.gz')))
        for (const event of piece) {
          const command = marketMakerCommand(event, 'house', exchange.symbols)
          if (command === undefined || event.type === 'progress' || event.type === 'trade' || event.type === 'take')
            continue
          const told = exchange.apply(command, event.timestamp)
          wrong.push(...told.flatMap((each) => (each.type === 'refused' ? [each.message] : [])))
          // The snapshot's own number is not that of a moment: the straddling update follows at once.
          const best = recorded.get(event.updateId ?? 0)
          if (best === undefined) continue
          const depth = exchange.depth('BTC/USDT', 1)
          const [bid = [], ask = []] = [depth?.bids[0], depth?.asks[0]]
          compared += 1
          levels = Math.max(levels, exchange.depth('BTC/USDT', 1e6)?.bids.length ?? 0)
          if ([...bid, ...ask].join(' ') !== best)
            wrong.push(`${event.updateId}: ${[...bid, ...ask].join(' ')}, not ${best}`)
        }
      expect(wrong).toEqual([])
      expect(compared).toBeGreaterThanOrEqual(1_072)
      expect(levels).toBeGreaterThan(900)
      expect(exchange.audit()).toEqual([])
    },
    60_000,
  )

  real(
    'is played together with the trades of the same market, each once',
    async () => {
      const exchange = createExchange({ platform: 'huobi' })
      exchange.apply({ type: 'open-account', account: 'house', house: true }, 0)
      const volume = { told: 0, traded: 0 }
      let last = 0
      let progress = 0
      const files = ['l2_spot_btcusdt_20240808.csv.gz', 'trades_spot_btcusdt_20240808.csv.gz']
      for await (const piece of readMarket(files.map(dataFile)))
        for (const event of piece) {
          if (event.type === 'progress') {
            progress = event.bytesRead / event.bytesTotal
            continue
          }
          expect(event.timestamp).toBeGreaterThanOrEqual(last)
          last = event.timestamp
          const command = marketMakerCommand(event, 'house', exchange.symbols)
          if (command === undefined) continue
          if (event.type === 'trade') volume.told += event.quantity
          for (const told of exchange.apply(command, event.timestamp))
            if (told.type === 'trade') volume.traded += told.data.quantity
        }
      expect(progress).toBe(1)
      expect(volume.traded).toBe(volume.told)
      expect(exchange.audit()).toEqual([])
    },
    60_000,
  )
})
