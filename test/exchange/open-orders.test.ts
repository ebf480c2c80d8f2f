import { expect, it } from '@jest/globals'
import fc from 'fast-check'
import type { Exchange, ExchangeState } from '../../src/exchange/index.js'
import * as contracts from './contract-moves.js'
import * as spot from './spot-moves.js'

const RUNS = Number(process.env['RUNS'] ?? 100)
const copied = (exchange: Exchange): ExchangeState => JSON.parse(JSON.stringify(exchange.state())) as ExchangeState
const open = (exchange: Exchange, names: readonly string[]) =>
  names.flatMap((name) => exchange.symbols.map((symbol) => exchange.openOrders(name, symbol)))

it('the list of open orders is the same object while nothing changes, and never an old one', () => {
  let same = 0
  fc.assert(
    fc.property(spot.commands, spot.selfTrade, (moves, rule) => {
      let before: readonly (readonly unknown[])[] = []
      spot.run(moves, undefined, rule, (exchange) => {
        const now = open(exchange, spot.names)
        expect(now).toEqual(open(spot.spotExchange(rule, copied(exchange)), spot.names))
        now.forEach((list, i) => {
          expect(Object.isFrozen(list)).toBe(list.length > 0 || Object.isFrozen(list))
          if (list === before[i] && list.length > 0) same++
        })
        before = now
        return exchange
      })
    }),
    { numRuns: RUNS },
  )
  expect(same).toBeGreaterThan(RUNS)
})

it('the same of contracts, whose orders also end by liquidations', () => {
  fc.assert(
    fc.property(contracts.commands, contracts.mode, (moves, mode) => {
      contracts.run(moves, mode, undefined, (exchange) => {
        const names = exchange.exactBalances().map(({ account }) => account)
        expect(open(exchange, names)).toEqual(open(contracts.contractExchange(mode, copied(exchange)), names))
        return exchange
      })
    }),
    { numRuns: RUNS },
  )
})
