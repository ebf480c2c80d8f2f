import { expect, it } from '@jest/globals'
import { lastValueFrom, map, timer, toArray } from 'rxjs'
import type { MarketEvent } from '../../src/market/index.js'
import { execute, marketBuyCost, strategy } from '../../src/strategy/index.js'
import { backtest } from '../../src/backtest/index.js'

const symbol = 'BTC/USDT'
const hour = 3_600_000
const start = Date.UTC(2026, 0, 5)
const quote = (timestamp: number): MarketEvent => ({
  type: 'quote',
  symbol,
  bids: [[60_000, 5]],
  asks: [[60_010, 5]],
  timestamp,
})

/** Buys at these minutes, in a recording that has a hole from minute 1 to hour 5. */
const notesOf = async (minutes: readonly number[], staleAfterMs?: number) => {
  const buying = strategy({
    logins: [{ platform: 'huobi', symbols: [symbol] }],
    run: (account) => {
      const [first = 0, ...more] = minutes
      return timer(first * 60_000, more.length === 0 ? hour * 100 : (more[0] ?? 0) * 60_000).pipe(
        map(() => marketBuyCost(symbol, 1_000)),
        execute(account),
      )
    },
  })
  const market = [quote(start), quote(start + 60_000), quote(start + 5 * hour), quote(start + 5 * hour + 1_000)]
  const options = staleAfterMs === undefined ? {} : { staleAfterMs }
  const events = await lastValueFrom(backtest(buying, { market, ...options }).pipe(toArray()))
  return events.flatMap((event) => (event.type === 'note' ? [event.words] : []))
}

it('tells that an order took a price of long ago, in a hole of the recording, once', async () => {
  expect(await notesOf([120, 60])).toEqual([
    expect.stringMatching(/order \S+ of BTC\/USDT filled at 60010, a price that is 71\d\d s old/),
  ])
})

it('tells nothing of prices that are not old, or where that is not wanted', async () => {
  expect(await notesOf([10])).toEqual([])
  expect(await notesOf([120], Infinity)).toEqual([])
})
