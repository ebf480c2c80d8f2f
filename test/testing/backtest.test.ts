import { expect, it } from '@jest/globals'
import { lastValueFrom } from 'rxjs'
import emaCross from '../../examples/ema-cross.js'
import { syntheticEvents } from '../../src/market/index.js'
import { backtest, type BacktestOptions } from '../../src/testing/paper/index.js'

const run = async (options: Omit<BacktestOptions, 'market'> = {}) => {
  const market = syntheticEvents({
    seed: 7,
    startPrices: { 'BTC/USDT': 60_000 },
    startMs: Date.UTC(2026, 0, 1),
    durationMs: 30_000,
    moveEveryMs: 400,
  })
  const end = await lastValueFrom(backtest(emaCross, { market, ...options }))
  if (end.type !== 'end') throw new Error('the backtest has no end')
  return end.log
}

it('keeps of the notices what is asked for, and trades the same', async () => {
  const all = await run()
  const fills = await run({ keep: ({ lane }) => lane === 'huobi fills' })
  expect(fills.balances).toEqual(all.balances)
  expect(fills.events).toEqual(all.events.filter(({ lane }) => lane === 'huobi fills'))
  expect(fills.events.length).toBeGreaterThan(0)
  expect(fills.events.length).toBeLessThan(all.events.length)
})
