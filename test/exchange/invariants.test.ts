import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import type { ExchangeCommand, Exchange, ExchangeEvent } from '../../src/exchange/index.js'
import { NaiveExchange } from './naive-exchange.js'
import { commands, names, run, selfTrade, symbols } from './spot-moves.js'

/** `RUNS=10000 npm test -- test/exchange/invariants` is the long version. */
const RUNS = Number(process.env['RUNS'] ?? 300)

/** An exact decimal as an integer of 10^-18. */
const exact = (text: string | number): bigint => {
  const [whole = '0', fraction = ''] = String(text).split('.')
  return BigInt(whole + fraction.padEnd(18, '0'))
}

describe('whatever is ordered', () => {
  it('the exchange’s own audit finds nothing after any command', () => {
    fc.assert(
      fc.property(commands, selfTrade, (moves, rule) => {
        const check = (command: ExchangeCommand, _events: readonly ExchangeEvent[], exchange: Exchange) => {
          const faults = exchange.audit()
          if (faults.length > 0) throw new Error(`${JSON.stringify(command)}: ${faults.join('; ')}`)
        }
        run(moves, check, rule)
      }),
      { numRuns: RUNS },
    )
  })

  it('no money is made or lost: all balances, the house’s and the fees’ included, are what was deposited, to the last digit', () => {
    fc.assert(
      fc.property(commands, (moves) => {
        const deposited = new Map<string, bigint>()
        run(moves, (command, events, exchange) => {
          const refused = events.some(({ type }) => type === 'refused')
          const amounts =
            command.type === 'open-account'
              ? Object.entries(command.deposits ?? {})
              : command.type === 'deposit' && !refused
                ? [[command.currency, command.amount] as const]
                : []
          for (const [currency, amount] of amounts) {
            const negative = String(amount).startsWith('-')
            const units = exact(String(amount).replace('-', ''))
            deposited.set(currency, (deposited.get(currency) ?? 0n) + (negative ? -units : units))
          }
          const held = new Map<string, bigint>()
          for (const { currency, free, locked, account: owner } of exchange.exactBalances()) {
            const units = (text: string) => (text.startsWith('-') ? -exact(text.slice(1)) : exact(text))
            held.set(currency, (held.get(currency) ?? 0n) + units(free) + units(locked))
            // `expect` for each balance of each step would take most of the test's time.
            if (names.includes(owner) && (free.startsWith('-') || locked.startsWith('-'))) {
              throw new Error(`${owner} has ${free} free and ${locked} locked ${currency}`)
            }
          }
          for (const [currency, units] of deposited) {
            if (held.get(currency) !== units)
              throw new Error(`${units} ${currency} came in, ${held.get(currency)} are held`)
          }
        })
      }),
      { numRuns: RUNS },
    )
  })

  it('what is locked is the sum over the open orders that a client would be shown', () => {
    fc.assert(
      fc.property(commands, (moves) => {
        const { exchange } = run(moves)
        for (const name of names) {
          const due = new Map<string, bigint>()
          for (const spec of symbols) {
            for (const order of exchange.openOrders(name, spec.symbol)) {
              const currency = order.action === 'BUY' ? spec.quote : spec.base
              const units =
                order.action === 'BUY' ? (exact(order.price!) * exact(order.remain)) / 10n ** 18n : exact(order.remain)
              due.set(currency, (due.get(currency) ?? 0n) + units)
            }
          }
          for (const { account: owner, currency, locked } of exchange.exactBalances()) {
            if (owner === name) expect(exact(locked)).toBe(due.get(currency) ?? 0n)
          }
        }
      }),
      { numRuns: RUNS },
    )
  })

  it('the trades are those of a simple exchange that sorts all orders each time', () => {
    let trades = 0
    fc.assert(
      fc.property(commands, selfTrade, (moves, rule) => {
        const naive = new NaiveExchange(symbols, rule)
        const compare = (command: ExchangeCommand, events: readonly ExchangeEvent[]) => {
          const expected = naive.apply(
            command,
            events.some(({ type }) => type === 'refused'),
          )
          const seen = events.flatMap((event) =>
            event.type === 'trade' ? [`${event.data.action} ${event.data.quantity} @ ${event.data.price}`] : [],
          )
          expect(seen).toEqual(expected)
          trades += seen.length
        }
        run(moves, compare, rule)
      }),
      { numRuns: RUNS },
    )
    expect(trades).toBeGreaterThan(RUNS)
  })

  it('each fill is reported to both sides, and an order’s fills add up to its filled quantity', () => {
    fc.assert(
      fc.property(commands, (moves) => {
        const filled = new Map<string, bigint>()
        run(moves, (_command, events) => {
          for (const event of events) {
            if (event.type === 'fill') {
              const { order_no, quantity } = event.data
              filled.set(order_no, (filled.get(order_no) ?? 0n) + exact(quantity))
            } else if (event.type === 'order' && !(event.data.order_type === 'MARKET' && event.data.action === 'BUY')) {
              const { order_no, quantity, remain, status } = event.data
              const done = filled.get(order_no) ?? 0n
              expect(exact(quantity) - exact(remain)).toBe(status === 'SUBMITTED' ? 0n : done)
              if (status === 'FILLED') expect(remain).toBe(0)
            }
          }
        })
      }),
      { numRuns: RUNS },
    )
  })

  it('the same commands give the same events, byte for byte', () => {
    fc.assert(
      fc.property(commands, (moves) => run(moves).log === run(moves).log),
      { numRuns: Math.ceil(RUNS / 3) },
    )
  })

  it('cancelling everything gives back everything that was locked', () => {
    fc.assert(
      fc.property(commands, (moves) => {
        const { exchange } = run(moves)
        const total = (name: string) =>
          exchange
            .exactBalances()
            .filter((balance) => balance.account === name)
            .map(({ currency, free, locked }) => [currency, exact(free) + exact(locked)])
        const before = names.map(total)
        for (const name of names) {
          for (const { symbol: each } of symbols) {
            exchange.apply({ type: 'cancel', account: name, symbol: each, order_nos: [] }, 0)
          }
        }
        expect(names.map(total)).toEqual(before)
        for (const { account: owner, locked } of exchange.exactBalances()) {
          if (names.includes(owner)) expect(locked).toBe('0')
        }
      }),
      { numRuns: RUNS },
    )
  })
})
