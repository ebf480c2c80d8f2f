import { describe, expect, it, jest } from '@jest/globals'
import { distinctUntilChanged, lastValueFrom, map, merge, of, Subject, tap, timer, toArray } from 'rxjs'
import {
  backtest,
  type BacktestEvent,
  type BacktestOptions,
  costStatistics,
  priceBars,
  type RunLedger,
  spotLedger,
  tradedOn,
} from 'rxquant/backtest'
import { type MarketEvent, syntheticEvents } from 'rxquant/market'
import {
  closeLong,
  ema,
  execute,
  iocBuy,
  iocSell,
  limitBuy,
  openLong,
  type Strategy,
  strategy,
  combineIndicators,
} from 'rxquant/strategy'
import type { Ticker } from '../../../src/protocol/index.js'

// A busy machine takes seconds for a day of the market.
jest.setTimeout(60_000)

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const START = Date.UTC(2024, 0, 1, 22)
const MIDNIGHT = Date.UTC(2024, 0, 2)

const middle = ({ bid, ask }: Ticker): number => (bid + ask) / 2
/** Buys when a fast average crosses a slow one, sells when it falls below. */
const cross = strategy({
  logins: [{ platform: 'huobi', symbols: ['BTC/USDT'], market: ['ticker'] }],
  run: (account) =>
    account.ticker$().pipe(
      combineIndicators({
        ticker: map((ticker: Ticker) => ticker),
        fast: (ticker$) => ticker$.pipe(map(middle), ema(8)),
        slow: (ticker$) => ticker$.pipe(map(middle), ema(34)),
      }),
      map(({ ticker, fast, slow }) => ({ ticker, isUp: fast > slow })),
      distinctUntilChanged((before, now) => before.isUp === now.isUp),
      map(({ ticker: { symbol, bid, ask }, isUp }) =>
        isUp
          ? iocBuy(symbol, Number((ask * 1.001).toFixed(1)), 0.01)
          : { ...iocSell(symbol, Number((bid * 0.999).toFixed(1)), 0.01), reason: 'cross' },
      ),
      execute(account),
    ),
})

const marketOf = (durationMs: number, moveEveryMs = 120_000): readonly MarketEvent[] => [
  ...syntheticEvents({ seed: 7, startPrices: { 'BTC/USDT': 60_000 }, startMs: START, durationMs, moveEveryMs }),
]

type End = Extract<BacktestEvent, { type: 'end' }>
const endOf = async (options: BacktestOptions, strategyOf: Strategy = cross): Promise<End> => {
  const end = await lastValueFrom(backtest(strategyOf, options))
  if (end.type !== 'end') throw new Error('the backtest has no end')
  return end
}

const expectClose = (actual: number | undefined, expected: number | undefined): void => {
  expect(Math.abs((actual ?? NaN) - (expected ?? NaN))).toBeLessThan(1e-6)
}

describe('the ledger of a backtest', () => {
  const market = marketOf(26 * HOUR)
  const balances = { USDT: 10_000, BTC: 0.1 }
  let end: End
  let ledger: RunLedger

  it('equals the ledger that is computed from the notices of the strategy', async () => {
    end = await endOf({ market, startBalances: balances })
    ledger = end.ledger
    const trades = market.flatMap((event) => (event.type === 'take' ? [event] : []))
    const bars = { 'BTC/USDT': priceBars(trades, MINUTE) }
    const other = spotLedger({
      platform: 'huobi',
      quote: 'USDT',
      balances,
      bars,
      barMs: MINUTE,
      ...tradedOn('huobi', end.log),
    })
    expect(ledger.fills.length).toBeGreaterThan(20)
    expect(ledger.fills.map(({ midWhenSent: _, ...fill }) => fill)).toEqual(other.fills)
    expect(ledger.bars).toEqual(other.bars)
    expect(ledger.daily.map(({ atMs }) => atMs)).toEqual([START, MIDNIGHT, MIDNIGHT + DAY])
    // Before the first trade the quotes have told the price: the start is worth that.
    expect(ledger.daily[0]).toEqual({ atMs: START, equity: 16_000, benchmark: 16_000, exposure: 6_000 })
    expectClose(ledger.daily[1]?.equity, other.daily[1]?.equity)
    expectClose(ledger.daily[1]?.benchmark, other.daily[1]?.benchmark)
    const others = new Map(other.equity.map((point) => [point.atMs, point]))
    const shared = ledger.equity.filter(({ atMs }) => others.has(atMs))
    expect(shared.length).toBeGreaterThan(200)
    for (const { atMs, equity, benchmark, exposure } of shared) {
      expectClose(equity, others.get(atMs)?.equity)
      expectClose(benchmark, others.get(atMs)?.benchmark)
      expectClose(exposure, others.get(atMs)?.exposure)
    }
    expect(new Set(ledger.orders.map(({ outcome }) => outcome))).toEqual(new Set(['filled']))
    expect(ledger.orders.map(({ orderNo, filled }) => [orderNo, filled])).toEqual(
      tradedOn('huobi', end.log).orders.map(({ orderNo, filled }) => [orderNo, filled]),
    )
  })

  it('holds the mid when an order was sent, its times and the reason that the strategy gave', () => {
    expect(ledger.fills.every(({ midWhenSent }) => midWhenSent !== undefined)).toBe(true)
    expect(costStatistics(ledger).slippage).toBeGreaterThan(0)
    for (const { sentMs, acknowledgedMs, side, reason } of ledger.orders) {
      expect((acknowledgedMs ?? 0) - sentMs).toBe(10)
      expect(reason).toBe(side === 'SELL' ? 'cross' : undefined)
    }
  })

  it('records refusals of the exchange and orders that were never sent', async () => {
    const wrong = strategy({
      logins: [{ platform: 'huobi', symbols: ['BTC/USDT'] }],
      run: (account) =>
        timer(60_000).pipe(
          map((_, index) => index),
          () => of(limitBuy('BTC/USDT', 60_000.123, 1), limitBuy('BTC/USDT', 30_000, 1), limitBuy('BTC/USDT', -1, 1)),
          execute(account),
        ),
    })
    const { ledger } = await endOf({ market: marketOf(HOUR), startBalances: { USDT: 1_000 } }, wrong)
    expect(ledger.orders.map(({ outcome, code }) => [outcome, code]).sort()).toEqual([
      ['denied', 'invalid'],
      ['rejected', expect.stringContaining('insufficient')],
      ['rejected', 'price … is not a multiple of the price tick …'],
    ])
  })
})

describe('a backtest that is stopped', () => {
  it('ends with the ledger up to then and says that it is not complete', async () => {
    const stop$ = new Subject<void>()
    let hours = 0
    const events = await lastValueFrom(
      backtest(cross, { market: marketOf(4 * DAY), startBalances: { USDT: 10_000 }, stop$ }).pipe(
        tap((event) => {
          if (event.type === 'equity' && ++hours === 2) stop$.next()
        }),
        toArray(),
      ),
    )
    const end = events.at(-1)
    if (end?.type !== 'end') throw new Error('no end')
    expect(end.isComplete).toBe(false)
    expect(end.ledger.endMs).toBeLessThan(START + 3 * DAY)
    expect(end.ledger.fills.length).toBeGreaterThan(0)
    expect(end.ledger.daily.length).toBeGreaterThan(0)
  })

  it('completes without an end where it is stopped before it begins', async () => {
    const events = await lastValueFrom(backtest(cross, { market: marketOf(HOUR), stop$: of(true) }).pipe(toArray()))
    expect(events).toEqual([])
  })
})

describe('bars of a long run', () => {
  it('grow longer, and keep first, highest, lowest and last price', async () => {
    const market = marketOf(6 * HOUR)
    const fine = (await endOf({ market })).ledger
    const coarse = (await endOf({ market, barMs: HOUR })).ledger
    expect(coarse.bars['BTC/USDT']).toHaveLength(6)
    expect(coarse.bars['BTC/USDT']?.[0]?.open).toBe(fine.bars['BTC/USDT']?.[0]?.open)
    expect(coarse.daily.at(-1)?.equity).toBe(fine.daily.at(-1)?.equity)
    expect(coarse.equity).toHaveLength(7)
  })
})

describe('the ledger of contracts', () => {
  it('has the equity that the exchange tells, fees and funding within', async () => {
    const hold = strategy({
      logins: [{ platform: 'huobi_future', symbols: ['BTC/USDT'], market: ['ticker'] }],
      run: (account) =>
        merge(
          timer(HOUR).pipe(map(() => openLong('BTC/USDT', 100))),
          timer(9 * HOUR).pipe(map(() => closeLong('BTC/USDT', 100))),
        ).pipe(execute(account)),
    })
    const { ledger, log } = await endOf({ market: marketOf(10 * HOUR), startBalances: { USDT: 10_000 } }, hold)
    expect(ledger.fills.map(({ side, quantity }) => [side, quantity])).toEqual([
      ['BUY', 0.1],
      ['SELL', 0.1],
    ])
    expect(ledger.funding.length).toBeGreaterThan(0)
    expectClose(ledger.equity.at(-1)?.equity, Number(log.balances['huobi_future USDT']))
    const [bought, sold] = ledger.fills
    const result =
      ((sold?.price ?? 0) - (bought?.price ?? 0)) * 0.1 -
      (bought?.fee ?? 0) -
      (sold?.fee ?? 0) +
      ledger.funding.reduce((sum, { amount }) => sum + amount, 0)
    expectClose((ledger.equity.at(-1)?.equity ?? 0) - 10_000, result)
    const held = ledger.equity.filter(({ exposure }) => (exposure ?? 0) > 0)
    expect(held.length).toBeGreaterThan(150)
    expect(ledger.equity.every(({ benchmark }) => benchmark === 10_000)).toBe(true)
  })
})
