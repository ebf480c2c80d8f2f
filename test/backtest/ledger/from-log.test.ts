import { describe, expect, it } from '@jest/globals'
import { lastValueFrom } from 'rxjs'
import { backtest, priceBars, reportHtml, runTrades, spotLedger, tradedOn } from 'rxquant/backtest'
import emaCross from '../../../examples/ema-cross.js'
import { syntheticEvents } from '../../../src/market/index.js'

const START = Date.UTC(2026, 0, 1)
const market = () =>
  syntheticEvents({
    seed: 7,
    startPrices: { 'BTC/USDT': 60_000 },
    startMs: START,
    durationMs: 120_000,
    moveEveryMs: 400,
  })

describe('the ledger of a backtest', () => {
  it('has the balances of the exchange in its equity, to six decimals, and makes a report', async () => {
    const end = await lastValueFrom(backtest(emaCross, { market: market() }))
    if (end.type !== 'end') throw new Error('the backtest has no end')
    const trades = [...market()].flatMap((event) => (event.type === 'take' ? [event] : []))
    const bars = { 'BTC/USDT': priceBars(trades, 10_000) }
    const balances = { USDT: 100_000, BTC: 5 }
    const traded = tradedOn('huobi', end.log)
    const ledger = spotLedger({ platform: 'huobi', quote: 'USDT', balances, bars, barMs: 10_000, ...traded })

    expect(ledger.fills.length).toBeGreaterThan(3)
    const close = bars['BTC/USDT'].at(-1)?.close ?? NaN
    const worth = Number(end.log.balances['huobi USDT']) + Number(end.log.balances['huobi BTC']) * close
    expect(ledger.equity.at(-1)?.equity).toBeCloseTo(worth, 6)
    expect(ledger.fills.every(({ fee, feeInQuote }) => fee > 0 && feeInQuote !== undefined)).toBe(true)
    expect(new Set(ledger.orders.map(({ outcome }) => outcome))).toEqual(new Set(['filled']))
    expect(ledger.orders.every(({ filled, quantity }) => Math.abs(filled - quantity) < 1e-12)).toBe(true)
    expect(runTrades(ledger).every(({ mae, mfe }) => mae !== undefined && mfe !== undefined)).toBe(true)
    expect(reportHtml({ title: 'EMA cross', ledger })).toContain('<h2>Price and fills, BTC/USDT ')
  })

  it('keeps FILLED where CANCELED is told behind it, and sums fills without an error of doubles', () => {
    const order = (status: string) => ({
      lane: 'huobi orders',
      value: {
        symbol: 'BTC/USDT',
        order_no: '1',
        action: 'BUY' as const,
        price: 100,
        quantity: 0.3,
        remain: 0,
        status,
        order_type: 'LIMIT' as const,
        ctime: START,
        utime: START,
      },
    })
    const fill = (fill_no: string, quantity: number) => ({
      lane: 'huobi fills',
      value: {
        symbol: 'BTC/USDT',
        order_no: '1',
        fill_no,
        price: 100,
        quantity,
        side: 'BUY' as const,
        liquidity: null,
        ctime: START,
      },
    })
    const { orders } = tradedOn('huobi', {
      events: [order('SUBMITTED'), fill('1', 0.1), fill('2', 0.2), order('FILLED'), order('CANCELED')],
    })
    expect(orders).toMatchObject([{ outcome: 'filled', filled: 0.3 }])
  })

  it('tells a missed immediate order from a cancelled and an open one, and leaves other platforms out', () => {
    const order = (order_no: string, status: string, order_type: 'IOC' | 'LIMIT', lane = 'huobi orders') => ({
      lane,
      value: {
        symbol: 'BTC/USDT',
        order_no,
        action: 'BUY' as const,
        price: 100,
        quantity: 2,
        remain: 2,
        status,
        order_type,
        ctime: START,
        utime: START,
      },
    })
    const fill = {
      lane: 'huobi fills',
      value: {
        symbol: 'BTC/USDT',
        order_no: '2',
        fill_no: '1',
        price: 100,
        quantity: 0.5,
        side: 'BUY' as const,
        liquidity: null,
        ctime: START,
      },
    }
    const { orders, fills } = tradedOn('huobi', {
      events: [
        order('1', 'SUBMITTED', 'IOC'),
        order('1', 'CANCELED', 'IOC'),
        order('2', 'CANCELED', 'IOC'),
        fill,
        order('3', 'CANCELED', 'LIMIT'),
        order('4', 'SUBMITTED', 'LIMIT'),
        order('5', 'FAILED', 'LIMIT'),
        order('6', 'SUBMITTED', 'LIMIT', 'okex orders'),
      ],
    })
    expect(orders.map(({ orderNo, outcome, filled }) => [orderNo, outcome, filled])).toEqual([
      ['1', 'missed', 0],
      ['2', 'canceled', 0.5],
      ['3', 'canceled', 0],
      ['4', 'open', 0],
      ['5', 'rejected', 0],
    ])
    expect(fills).toMatchObject([{ orderNo: '2', fee: 0, liquidity: undefined }])
  })

  it('joins trades to bars at multiples of the period', () => {
    const trades = [
      { timestamp: 61_000, price: 10 },
      { timestamp: 70_000, price: 12 },
      { timestamp: 119_999, price: 9 },
      { timestamp: 240_000, price: 11 },
    ]
    expect(priceBars(trades, 60_000)).toEqual([
      { atMs: 60_000, open: 10, high: 12, low: 9, close: 9 },
      { atMs: 240_000, open: 11, high: 11, low: 11, close: 11 },
    ])
  })
})
