import { expect, it } from '@jest/globals'
import { createExchange } from '../../src/exchange/index.js'
import { gatewayMarket, type MarketEvent, syntheticMarket } from '../../src/market/index.js'
import { marketMakerCommand } from '../../src/market/internal.js'
import { strategy } from '../../src/strategy/index.js'
import { paperSimulation } from '../../src/backtest/index.js'

/** Hands on what a gateway shows of its market. */
const relay = strategy({
  logins: [{ platform: 'huobi', symbols: ['BTC/USDT'], market: ['orderbook', 'trade'] }],
  run: (account) => gatewayMarket(account),
})

it('the market that a gateway shows moves the books of a paper exchange as its own are moved', () => {
  const mirror = createExchange({ platform: 'huobi' })
  mirror.apply({ type: 'open-account', account: 'house', house: true }, 0)
  const told = { quotes: 0, takes: 0 }
  const refused: string[] = []
  const startMs = Date.UTC(2026, 0, 1)
  const world = paperSimulation(
    relay,
    {
      startMs,
      market: ({ scheduler }) =>
        syntheticMarket({
          seed: 5,
          startPrices: { 'BTC/USDT': 60_000 },
          startMs,
          moveEveryMs: 400,
          durationMs: 60_000,
          scheduler,
        }),
    },
    {
      next: (value) => {
        const event = value as MarketEvent
        told[event.type === 'trade' ? 'takes' : 'quotes'] += 1
        const command = marketMakerCommand(event, 'house', mirror.symbols)
        if (command === undefined) return
        for (const each of mirror.apply(command, 0)) if (each.type === 'refused') refused.push(each.message)
      },
    },
  )
  try {
    world.advanceBy(70_000)
    const { bids, asks } = world.platforms.get('huobi')!.exchange.depth('BTC/USDT', 20)!
    expect(mirror.depth('BTC/USDT', 20)).toMatchObject({ bids, asks })
    expect(told.quotes).toBeGreaterThan(50)
    expect(told.takes).toBeGreaterThan(20)
    expect(refused).toEqual([])
    expect(mirror.audit()).toEqual([])
  } finally {
    world.close()
  }
})
