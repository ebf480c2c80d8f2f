import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { commands, mode, names, run } from './contract-moves.js'

/** `RUNS=10000 npm test -- test/exchange/contract-invariants` is the long version. */
const RUNS = Number(process.env['RUNS'] ?? 300)

describe('whatever is ordered of contracts', () => {
  it('the audit finds nothing after any command: money is conserved to the last digit through fills, fees, funding and liquidation', () => {
    const seen = { fills: 0, liquidations: 0, deleveraged: 0, funding: 0 }
    fc.assert(
      fc.property(commands, mode, (moves, marginMode) => {
        run(moves, marginMode, (command, events, exchange) => {
          for (const { type } of events) {
            if (type === 'fill') seen.fills++
            if (type === 'liquidation') seen.liquidations++
            if (type === 'deleveraging') seen.deleveraged++
            if (type === 'funding') seen.funding++
          }
          const faults = exchange.audit()
          if (faults.length > 0) throw new Error(`${JSON.stringify(command)}: ${faults.join('; ')}`)
        })
      }),
      { numRuns: RUNS },
    )
    expect(seen.fills).toBeGreaterThan(RUNS)
    expect(seen.liquidations).toBeGreaterThan(RUNS / 20)
    expect(seen.deleveraged).toBeGreaterThan(RUNS / 20)
    expect(seen.funding).toBeGreaterThan(RUNS / 20)
  })

  it('free and locked add up to total, profits that are not taken yet included', () => {
    fc.assert(
      fc.property(commands, mode, (moves, marginMode) => {
        const { exchange } = run(moves, marginMode)
        for (const name of names) {
          for (const { free, locked, total } of Object.values(exchange.assets(name))) {
            expect(free + locked).toBeCloseTo(total, 6)
            expect(free).toBeGreaterThanOrEqual(0)
          }
        }
      }),
      { numRuns: Math.ceil(RUNS / 3) },
    )
  })

  it('avail_qty is what closing orders leave, and every number of a position is one', () => {
    fc.assert(
      fc.property(commands, mode, (moves, marginMode) => {
        const { exchange } = run(moves, marginMode)
        for (const name of names) {
          for (const each of ['BTC/USDT', 'ETH/USDT', 'BTC/USD']) {
            const position = exchange.position(name, each)!
            const closing = (action: string) =>
              exchange
                .openOrders(name, each)
                .filter((order) => order.offset === 'close' && order.action === action)
                .reduce((sum, { remain }) => sum + remain, 0)
            expect(position.long_avail_qty).toBe(position.long_quantity - closing('SELL'))
            expect(position.short_avail_qty).toBe(position.short_quantity - closing('BUY'))
            for (const value of Object.values(position)) {
              if (typeof value === 'number') expect(Number.isFinite(value)).toBe(true)
            }
          }
        }
      }),
      { numRuns: RUNS },
    )
  })

  it('a side’s quantity is what its fills opened less what they closed', () => {
    fc.assert(
      fc.property(commands, mode, (moves, marginMode) => {
        const held = new Map<string, number>()
        const closed = new Set<string>()
        const { exchange } = run(moves, marginMode, (_command, events) => {
          for (const event of events) {
            // Long and short that are set off against each other have no fills, nor has what is closed against somebody.
            if (event.type === 'liquidation' || event.type === 'deleveraging') closed.add(event.account)
            if (event.type !== 'fill') continue
            const { symbol: of, side, offset, quantity } = event.data
            const which = `${event.account} ${of} ${(side === 'BUY') === (offset === 'open') ? 'long' : 'short'}`
            held.set(which, (held.get(which) ?? 0) + (offset === 'open' ? quantity : -quantity))
          }
        })
        for (const name of names.filter((each) => !closed.has(each))) {
          for (const each of ['BTC/USDT', 'ETH/USDT', 'BTC/USD']) {
            const position = exchange.position(name, each)!
            expect(position.long_quantity).toBe(held.get(`${name} ${each} long`) ?? 0)
            expect(position.short_quantity).toBe(held.get(`${name} ${each} short`) ?? 0)
          }
        }
      }),
      { numRuns: RUNS },
    )
  })

  it('the same commands give the same events, byte for byte', () => {
    fc.assert(
      fc.property(commands, mode, (moves, marginMode) => run(moves, marginMode).log === run(moves, marginMode).log),
      { numRuns: Math.ceil(RUNS / 3) },
    )
  })
})
