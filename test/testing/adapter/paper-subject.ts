import { type ExchangeAdapter, paperPlatforms } from '../../../src/gateway/index.js'
import { ExchangeLine, overLine } from '../../../src/gateway/chaos/outage.js'
import type { AdapterFixture } from '../../../src/testing/adapter/index.js'
import { asyncScheduler } from 'rxjs'

const terms = {
  huobi: { resting: 10_000, price: 50_000, quantity: 0.01, tooLarge: 50 },
  okex: { resting: 10_000, price: 50_000, quantity: 0.01, tooLarge: 50 },
  huobi_future: { resting: 10_000, price: 50_000, quantity: 10, tooLarge: 1_000_000 },
}

/** A paper exchange as the subject of the contract; `broken` makes an adapter of it that is not kept to. */
export const paperSubject = (
  platform: keyof typeof terms,
  broken: (exchange: ExchangeAdapter) => ExchangeAdapter = (exchange) => exchange,
): AdapterFixture => {
  const { resting, price, quantity, tooLarge } = terms[platform]
  const lines = new WeakMap<ExchangeAdapter, ExchangeLine>()
  return {
    make: () => {
      const line = new ExchangeLine(asyncScheduler)
      const paper = paperPlatforms({ market: 'none' }).get(platform)!
      const adapter = broken(overLine(paper, line, () => undefined))
      lines.set(adapter, line)
      return adapter
    },
    accounts: [
      { accessKey: 'the-access-key-of-anna', secretKey: 'the-secret-key-of-anna' },
      { accessKey: 'the-access-key-of-bert', secretKey: 'the-secret-key-of-bert' },
    ],
    symbol: 'BTC/USDT',
    resting: { action: 'BUY', price: resting, quantity, order_type: 'LIMIT' },
    trading: [
      { action: 'BUY', price, quantity, order_type: 'LIMIT' },
      // A SELL that opens is negative in hedge mode.
      { action: 'SELL', price, quantity: platform === 'huobi_future' ? -quantity : quantity, order_type: 'IOC' },
    ],
    refused: { action: 'BUY', price, quantity: tooLarge, order_type: 'LIMIT' },
    badKeys: { accessKey: 'the-access-key-of-carl', secretKey: '' },
    drop: (adapter) => lines.get(adapter)!.drop({ forMs: 1 }),
    withinMs: 150,
    settleMs: 5,
  }
}
