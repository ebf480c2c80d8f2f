import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import type { Exchange, ExchangeState } from '../../src/exchange/index.js'
import * as contracts from './contract-moves.js'
import * as spot from './spot-moves.js'

/** `RUNS=10000 npm test -- test/exchange/state` is the long version. */
const RUNS = Number(process.env['RUNS'] ?? 300)

/** Through a file and back. */
const written = (exchange: Exchange): ExchangeState => JSON.parse(JSON.stringify(exchange.state())) as ExchangeState

/** Whether there is a restart before the next step. */
const restarts = fc.infiniteStream(
  fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
)

describe('an exchange made of the state of another', () => {
  it('continues a spot exchange with the same events, byte for byte, and the same state', () => {
    fc.assert(
      fc.property(spot.commands, spot.selfTrade, restarts, (moves, rule, restart) => {
        const successor = (exchange: Exchange) =>
          restart.next().value ? spot.spotExchange(rule, written(exchange)) : exchange
        const whole = spot.run(moves, undefined, rule)
        const broken = spot.run(moves, undefined, rule, successor)
        expect(broken.log).toBe(whole.log)
        expect(written(broken.exchange)).toEqual(written(whole.exchange))
        expect(broken.exchange.exactBalances()).toEqual(whole.exchange.exactBalances())
      }),
      { numRuns: RUNS },
    )
  })

  it('continues a contract exchange with the same events, funding and liquidations included', () => {
    const seen = { funding: 0, liquidation: 0 }
    fc.assert(
      fc.property(contracts.commands, contracts.mode, restarts, (moves, mode, restart) => {
        const successor = (exchange: Exchange) =>
          restart.next().value ? contracts.contractExchange(mode, written(exchange)) : exchange
        const whole = contracts.run(moves, mode, (_, events) => {
          for (const { type } of events) if (type === 'funding' || type === 'liquidation') seen[type]++
        })
        const broken = contracts.run(moves, mode, undefined, successor)
        expect(broken.log).toBe(whole.log)
        expect(written(broken.exchange)).toEqual(written(whole.exchange))
      }),
      { numRuns: RUNS },
    )
    expect(seen.funding).toBeGreaterThan(RUNS / 20)
    expect(seen.liquidation).toBeGreaterThan(RUNS / 20)
  })

  it('is not made of one that does not add up, or speaks of another symbol', () => {
    const exchange = spot.spotExchange('allow')
    exchange.apply({ type: 'open-account', account: 'alice', deposits: { BTC: '3' } }, 1)
    const text = JSON.stringify(exchange.state())
    const made = (from: string, to: string) => () =>
      spot.spotExchange('allow', JSON.parse(text.replace(from, to)) as ExchangeState)
    expect(made('', '')).not.toThrow()
    expect(made('"free":"3', '"free":"4')).toThrow(/does not add up: .* BTC came in/)
    expect(made('ETH/BTC', 'ETH/EUR')).toThrow('ETH/EUR')
  })
})
