import { describe, expect, it } from '@jest/globals'
import { balances, fees, instantOf, platformsWith } from '../../../src/cli/options/backtest-flags.js'

describe('options of a backtest', () => {
  it('read fees as shares, as per cent, one for both or maker and taker', () => {
    expect(fees('0.001')).toEqual({ maker: 0.001, taker: 0.001 })
    expect(fees('0.1%,0.2%')).toEqual({ maker: 0.001, taker: 0.002 })
    expect(fees('-0.0001,0.0004')).toEqual({ maker: -0.0001, taker: 0.0004 })
    for (const wrong of ['', 'cheap', '1', '0.1', '0,0,0', '%']) expect(() => fees(wrong)).toThrow(/shares/)
  })

  it('read balances by currency, or one of the quote currency', () => {
    expect(balances('10000')).toEqual({ '': 10_000 })
    expect(balances('usdt=10000, BTC=0.5')).toEqual({ USDT: 10_000, BTC: 0.5 })
    for (const wrong of ['', 'BTC', 'BTC=', 'BTC=-1', 'BTC=1,BTC=2', '1,2']) {
      expect(() => balances(wrong)).toThrow(/amounts/)
    }
  })

  it('read instants in UTC', () => {
    expect(instantOf('2024-01-31')).toBe(Date.UTC(2024, 0, 31))
    expect(instantOf('2024-01')).toBe(Date.UTC(2024, 0))
    expect(instantOf('2024-01-31T12:30')).toBe(Date.UTC(2024, 0, 31, 12, 30))
    expect(instantOf('2024-01-31 12:30:15')).toBe(Date.UTC(2024, 0, 31, 12, 30, 15))
    expect(instantOf('2024-01-31T12:30+02:00')).toBe(Date.UTC(2024, 0, 31, 10, 30))
    expect(instantOf('1706659200000')).toBe(1_706_659_200_000)
    for (const wrong of ['', 'yesterday', '2024-13-01', '31.1.2024', '5'])
      expect(() => instantOf(wrong)).toThrow(/date/)
  })

  it('change fees and leverage of the platforms that are traded', () => {
    const platforms = platformsWith(['huobi_future'], { fees: { maker: 0.0001, taker: 0.0005 }, leverage: 20 })
    expect([...platforms.keys()]).toEqual(['huobi_future'])
    expect(platforms.get('huobi_future')?.[0]).toMatchObject({ makerFee: '0.0001', takerFee: '0.0005', leverage: 20 })
  })
})
