import { expect, it } from '@jest/globals'
import { type MarketEvent, replayMarket } from '../../src/market/index.js'
import { VirtualScheduler } from '../../src/time/index.js'
import { WatchedScheduler } from '../support/retained-actions.js'

const DAY_MS = 86_400_000
const everyMs = 60_000

function* endless(): Generator<MarketEvent> {
  for (let timestamp = 0; ; timestamp += everyMs)
    yield { type: 'quote', symbol: 'BTC/USDT', bids: [[100, 1]], asks: [[101, 1]], timestamp }
}

it('a month of a market is played without keeping one finished action', async () => {
  const scheduler = new WatchedScheduler(new VirtualScheduler())
  let played = 0
  const playing = replayMarket(endless, { scheduler }).subscribe(() => played++)
  scheduler.inner.advanceTo(30 * DAY_MS - everyMs)
  expect(played).toBe((30 * DAY_MS) / everyMs)
  expect(scheduler.scheduled).toBeGreaterThanOrEqual(played)
  expect(playing.closed).toBe(false)
  expect(await scheduler.retained()).toBeLessThan(10)
  playing.unsubscribe()
})
