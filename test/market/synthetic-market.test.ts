import { createHash } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import { VirtualTimeScheduler } from 'rxjs'
import { createExchange } from '../../src/exchange/index.js'
import { type MarketEvent, syntheticEvents, syntheticMarket } from '../../src/market/index.js'
import { marketMakerCommand } from '../../src/market/internal.js'

const options = { seed: 7, startPrices: { 'BTC/USDT': 60000, 'ETH/USDT': 3000 }, durationMs: 300_000 }
const hash = (events: Iterable<MarketEvent>) =>
  [...events].reduce((digest, event) => digest.update(JSON.stringify(event)), createHash('sha256')).digest('hex')

/** An exchange in which the house has done what the market did. */
function played(events: Iterable<MarketEvent>) {
  const exchange = createExchange({ platform: 'huobi' })
  exchange.apply({ type: 'open-account', account: 'house', house: true }, 0)
  const told = [...events].flatMap((event) => {
    const command = marketMakerCommand(event, 'house', exchange.symbols)
    return command === undefined ? [] : exchange.apply(command, 0)
  })
  return { exchange, told }
}

describe('the synthetic market', () => {
  it('is the same for the same seed and another one for another', () => {
    expect(hash(syntheticEvents(options))).toBe(hash(syntheticEvents(options)))
    expect(hash(syntheticEvents(options))).not.toBe(hash(syntheticEvents({ ...options, seed: 8 })))
  })

  it('gives the books depth on both sides and trades, and the exchange refuses none of it', () => {
    const { exchange, told } = played(syntheticEvents(options))
    expect(told.filter(({ type }) => type === 'refused')).toEqual([])
    expect(told.filter(({ type }) => type === 'trade').length).toBeGreaterThan(200)
    for (const symbol of Object.keys(options.startPrices)) {
      const { bids, asks } = exchange.depth(symbol, 20)!
      expect([bids.length, asks.length]).toEqual([10, 10])
      expect(bids[0]![0]).toBeLessThan(asks[0]![0])
    }
  })

  it('has volatility that clusters: large moves are followed by large ones', () => {
    const mids: number[] = []
    for (const event of syntheticEvents({
      ...options,
      durationMs: 2 * 3_600_000,
      startPrices: { 'BTC/USDT': 60000 },
    })) {
      if (event.type === 'quote')
        mids[Math.floor(event.timestamp / 10_000)] = (event.bids![0]![0] + event.asks![0]![0]) / 2
    }
    const sizes = mids.slice(1).map((mid, index) => Math.abs(Math.log(mid / mids[index]!)))
    const mean = sizes.reduce((sum, size) => sum + size, 0) / sizes.length
    const covariance = (lag: number) =>
      sizes.slice(lag).reduce((sum, size, index) => sum + (size - mean) * (sizes[index]! - mean), 0)
    expect(covariance(1) / covariance(0)).toBeGreaterThan(0.1)
  })

  it('is played by its timestamps, faster when asked', () => {
    const scheduler = new VirtualTimeScheduler()
    const late: number[] = []
    syntheticMarket({ ...options, durationMs: 10_000, startMs: 0, speed: 10, scheduler }).subscribe((event) => {
      if (event.type !== 'progress') late.push(Math.abs(scheduler.now() - event.timestamp / 10))
    })
    scheduler.flush()
    expect(late.length).toBeGreaterThan(50)
    expect(Math.max(...late)).toBeLessThan(0.001)
  })

  it.each([
    ['is set back', -3_600_000],
    ['is set forward, or has gone on while the machine slept', 3_600_000],
  ])('goes on where it was when the clock %s', (_, jumpMs) => {
    const scheduler = new VirtualTimeScheduler()
    let set = 0
    scheduler.now = () => scheduler.frame + set
    const at: number[] = []
    scheduler.schedule(() => (set = jumpMs), 10_000)
    syntheticMarket({ ...options, durationMs: 60_000, scheduler }).subscribe(() => at.push(scheduler.frame))
    scheduler.flush()
    const within = (from: number, to: number) => at.filter((ms) => ms >= from && ms < to).length
    expect(at.at(-1)).toBeGreaterThan(55_000)
    expect(at.at(-1)).toBeLessThan(61_000)
    expect(within(10_000, 20_000)).toBeGreaterThan(within(0, 10_000) / 3)
    expect(within(10_000, 20_000)).toBeLessThan(within(0, 10_000) * 3)
  })

  it('stops after the last subscriber has left', () => {
    const scheduler = new VirtualTimeScheduler()
    let seen = 0
    const subscription = syntheticMarket({ ...options, durationMs: Infinity, scheduler }).subscribe(() => {
      if (++seen === 100) subscription.unsubscribe()
    })
    scheduler.flush()
    expect(seen).toBe(100)
  })
})
