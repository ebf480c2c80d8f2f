import { describe, expect, it } from '@jest/globals'
import { lastValueFrom, map, NEVER, type Observable, of, timer } from 'rxjs'
import emaCross from '../../examples/ema-cross.js'
import { syntheticEvents } from '../../src/market/index.js'
import { strategy } from '../../src/strategy/index.js'
import { backtest, type BacktestOptions } from '../../src/backtest/index.js'

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

describe('a strategy that throws ends the backtest with its own error, whose stack begins in its file', () => {
  const throws = (): never => {
    throw new RangeError('not today')
  }
  it.each<[string, () => Observable<unknown>]>([
    ['in run', throws],
    ['in an operator', () => timer(50).pipe(map(throws))],
    ['in a timer of its own', () => (setTimeout(throws, 50), NEVER)],
    ['in a subscriber of its own', () => (of(1).subscribe(throws), NEVER)],
  ])('%s', async (_, run) => {
    const market = syntheticEvents({ seed: 1, startMs: 0, startPrices: { 'BTC/USDT': 60_000 }, durationMs: 1_000 })
    const logins = [{ platform: 'huobi', symbols: ['BTC/USDT'] }] as const
    const error = await lastValueFrom(backtest(strategy({ logins, run }), { market })).catch((error: unknown) => error)
    expect(error).toBeInstanceOf(RangeError)
    expect((error as Error).stack).toMatch(
      /^RangeError: not today\n +at [^(\n]*throws[^(\n]* \(\S*backtest\.test\.ts:\d+:/,
    )
  })
})
