import { describe, expect, it } from '@jest/globals'
import { loggedIn } from '../support/logged-in.js'
import { watch } from '../support/watch.js'

const ticker = (fields: object = {}) => ({ symbol: 'BTC/USDT', bid: 99, ask: 101, last: 100, timestamp: 1, ...fields })
const kline = (period: string) => ({
  ...{ symbol: 'BTC/USDT', period, open: 1, high: 2, low: 1, close: 2, volume: 3, timestamp: 1 },
})

describe('market streams of an account', () => {
  const login = { market: ['trade', 'ticker', 'orderbook', 'kline'] as const }

  it('hold the named symbol only, decoded, and tickers with both sides only', () => {
    const { server, account, pass } = loggedIn({}, {}, { market: [...login.market] })
    const tickers = watch(account.ticker$())
    const trades = watch(account.trade$('BTC/USDT'))
    const books = watch(account.orderBook$('BTC/USDT'))
    const minutes = watch(account.kline$('BTC/USDT', '1min'))
    const klines = watch(account.kline$())
    server.side.notify('ticker', ticker())
    server.side.notify('ticker', ticker({ bid: 0 }))
    server.side.notify('ticker', ticker({ symbol: 'ETH/USDT' }))
    server.side.notify('trade', { symbol: 'BTC/USDT', action: 'BUY', price: 100, quantity: 1, timestamp: 1 })
    server.side.notify('orderbook', { symbol: 'BTC/USDT', bids: [[99, 1]], asks: [[101, 1]], timestamp: 1 })
    server.side.notify('kline', kline('1min'))
    server.side.notify('kline', kline('1hour'))
    pass(10)
    expect(tickers.values).toEqual([ticker()])
    expect(trades.values).toMatchObject([{ price: 100 }])
    expect(books.values).toMatchObject([{ bids: [[99, 1]] }])
    expect(minutes.values).toMatchObject([{ period: '1min' }])
    expect(klines.values).toHaveLength(2)
  })

  it('of a symbol that the login did not name, or a topic that it did not ask for, are an error in words', () => {
    const { account } = loggedIn({}, {}, { market: ['trade'] })
    expect(watch(account.trade$('DOGE/USDT')).error).toMatchObject({
      message: 'DOGE/USDT is not among the symbols of the login: BTC/USDT',
    })
    expect(watch(account.ticker$()).error).toMatchObject({ _tag: 'TopicNotAsked' })
  })
})
