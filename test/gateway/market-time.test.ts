import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { firstValueFrom, type Observable, of, switchMap } from 'rxjs'
import { Kline, type MarketTopic, OrderBook, Ticker, Trade } from '../../src/protocol/index.js'
import { connect, outcome } from '../../src/client/index.js'
import { type MarketContext, type PaperOptions, startPaperGateway } from '../../src/gateway/index.js'
import { type MarketEvent, replayMarket } from '../../src/market/index.js'
import { PaperWorld } from './paper-world.js'

const order = { symbol: 'BTC/USDT', action: 'BUY', price: 50_000, quantity: 0.01, order_type: 'LIMIT' } as const
const dayMs = 86_400_000

/** A quote and a trade each second, for an hour. */
function* secondsFrom(startMs: number): IterableIterator<MarketEvent> {
  for (let second = 0; second < 3_600; second++) {
    const timestamp = startMs + second * 1_000
    const price = 60_000 + (second % 100)
    yield { type: 'quote', symbol: order.symbol, bids: [[price, 1]], asks: [[price + 1, 1]], timestamp }
    yield { type: 'trade', symbol: order.symbol, action: 'BUY', price: price + 1, quantity: 0.01, timestamp }
  }
}

const speed = 600
const marketFrom =
  (startMs: number) =>
  ({ scheduler, marketClock, platform }: MarketContext) =>
    replayMarket(() => (platform === 'huobi' ? secondsFrom(startMs) : []), { speed, scheduler, marketClock })
const worldAt = (startMs: number, options: PaperOptions & { features?: readonly ['market'] } = {}) =>
  new PaperWorld({ market: marketFrom(startMs), speed, ...options })

const market: MarketTopic[] = ['trade', 'ticker', 'orderbook', 'kline']
/** Years before the wall clock of the test, and after it. */
const beginnings = [Date.UTC(2024, 0, 1), Date.UTC(2031, 0, 1)]

describe.each(beginnings)('a recorded market that begins at %d ms, played at 600 times its speed', (startMs) => {
  const worlds = (options?: Parameters<typeof worldAt>[1]) => {
    const world = worldAt(startMs, options)
    const begunMs = world.scheduler.now()
    /** Market time now, to the second: the spacing of the events. */
    const nowMs = () => startMs + (world.scheduler.now() - begunMs) * speed
    return { world, nowMs }
  }

  it('stamps all messages with market time: trades, tickers, order books, candles, orders and fills', () => {
    const { world, nowMs } = worlds()
    const account = world.login('anna', { market })
    const stamps: number[] = []
    const near = (timestamp: number, withinMs: number) => {
      stamps.push(timestamp)
      expect(Math.abs(timestamp - nowMs())).toBeLessThanOrEqual(withinMs)
    }
    account.topic$('trade', Trade).subscribe(({ timestamp }) => near(timestamp, 2_000))
    // A candle is stamped with its beginning; tickers, books and candles are told ten times a second, which is once a minute here.
    account.topic$('ticker', Ticker).subscribe(({ timestamp }) => near(timestamp, 62_000))
    account.topic$('orderbook', OrderBook).subscribe(({ timestamp }) => near(timestamp, 62_000))
    account.topic$('kline', Kline).subscribe(({ timestamp }) => near(timestamp, 122_000))
    account.fill$.subscribe(({ ctime }) => near(ctime, 2_000))
    world.scheduler.advanceBy(1_000)
    world.soon(account.placeOrder({ ...order, price: 70_000, order_type: 'IOC' }), 10)
    const resting = world.soon(account.placeOrder(order), 10)
    const [open] = world.soon(account.openOrders(order.symbol), 10)
    expect(open).toMatchObject({ order_no: resting.order_no })
    near(open!.ctime, 13_000)
    expect(Math.abs((open!.wall_ctime ?? 0) - world.clock.wall())).toBeLessThan(50)
    expect(stamps.length).toBeGreaterThan(500)
  })

  it('leaves valid_until to the wall clock', () => {
    const { world } = worlds()
    const account = world.login('anna')
    expect(world.soon(account.placeOrder(order, { maxAgeMs: 5_000 }).pipe(outcome()), 20_000)).toMatchObject({
      _tag: 'Done',
    })
  })

  it('knows an order whose reply was lost by its looks', () => {
    const { world } = worlds({ features: ['market'] })
    const account = world.login('anna', { exclusiveAccount: true })
    world.cutAt = ({ op }) => op === 'place_order'
    const placed = world.soon(account.placeOrder(order).pipe(outcome()), 60_000)
    const [open] = world.soon(account.openOrders(order.symbol))
    expect(placed).toMatchObject({ _tag: 'Done', value: { order_no: open!.order_no } })
  })

  it('continues the times of its orders from a journal, while its market starts again', () => {
    const journal = mkdtempSync(join(tmpdir(), 'rxquant-market-time-'))
    try {
      const { world } = worlds({ journal })
      const account = world.login('anna', { market: ['trade', 'ticker'] })
      world.soon(account.placeOrder(order))
      const [before] = world.soon(account.openOrders(order.symbol))
      world.scheduler.advanceBy(2_000)
      world.restart()
      const tickers: Ticker[] = []
      account.topic$('ticker', Ticker).subscribe((ticker) => tickers.push(ticker))
      world.scheduler.advanceBy(3_000)
      expect(world.soon(account.openOrders(order.symbol))).toEqual([before])
      expect(tickers[0]!.timestamp - startMs).toBeLessThan(3_000 * speed)
      const { order_no } = world.soon(account.placeOrder(order))
      const after = world.soon(account.openOrders(order.symbol)).find((each) => each.order_no === order_no)
      expect(after!.ctime - startMs).toBeLessThan(8_000 * speed)
      for (const platform of world.platforms.values()) platform.close()
    } finally {
      rmSync(journal, { recursive: true })
    }
  })
})

it('keeps a journal that can be read again when a market tells an event without a time', () => {
  const journal = mkdtempSync(join(tmpdir(), 'rxquant-market-time-'))
  try {
    const timestamp = NaN
    const quote: MarketEvent = {
      type: 'quote',
      symbol: order.symbol,
      bids: [[60_000, 1]],
      asks: [[60_001, 1]],
      timestamp,
    }
    const world = new PaperWorld({ market: ({ platform }) => of(...(platform === 'huobi' ? [quote] : [])), journal })
    const account = world.login('anna')
    world.soon(account.placeOrder(order))
    const [before] = world.soon(account.openOrders(order.symbol))
    world.restart()
    expect(world.soon(account.openOrders(order.symbol))).toEqual([before])
    for (const platform of world.platforms.values()) platform.close()
  } finally {
    rmSync(journal, { recursive: true })
  }
})

it('sets the time back when an exchange that has lived by the wall clock begins to play a recording', () => {
  const startMs = beginnings[0]!
  const world = worldAt(startMs)
  world.login('anna')
  expect(world.exchange.ticker(order.symbol)!.timestamp).toBeLessThan(startMs + dayMs)
})

it('plays no market, or one of its own, by the wall clock', () => {
  const world = new PaperWorld({ market: 'none' })
  const account = world.login('anna')
  world.soon(account.placeOrder(order))
  const [open] = world.soon(account.openOrders(order.symbol))
  expect(Math.abs(open!.ctime - world.clock.wall())).toBeLessThan(3_000)
  expect(open).not.toHaveProperty('wall_ctime')
})

it('stamps an order that comes before the first event of a file with the time at which the file begins', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'rxquant-market-time-'))
  const file = join(folder, 'trades.csv')
  const startMs = beginnings[0]!
  writeFileSync(file, `timestamp,symbol,side,price,quantity\n${startMs},BTCUSDT,BUY,60000,1\n`)
  const gateway = await startPaperGateway({ port: 0, market: file, speed: 0.001 })
  try {
    const credentials = { platform: 'huobi', symbols: [order.symbol], access_key: 'anna', secret_key: 'secret' }
    const opened$: Observable<{ readonly ctime: number }> = connect(gateway.url)
      .login(credentials)
      .pipe(
        switchMap((account) =>
          account.placeOrder(order).pipe(
            switchMap(() => account.openOrders(order.symbol)),
            switchMap((orders) => orders),
          ),
        ),
      )
    const { ctime } = await firstValueFrom(opened$)
    expect(ctime - startMs).toBeGreaterThanOrEqual(0)
    expect(ctime - startMs).toBeLessThan(1_000)
  } finally {
    await gateway.close()
    rmSync(folder, { recursive: true })
  }
})
