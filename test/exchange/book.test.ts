import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { BookSide, type PriceLevel, type Queued } from '../../src/exchange/matching/order-book.js'

class Order implements Queued<Order> {
  level: PriceLevel<Order> | undefined = undefined
  ahead: Order | undefined = undefined
  behind: Order | undefined = undefined

  constructor(
    readonly price: number,
    public remain: number,
  ) {}
}

const shown = (side: BookSide<Order>) => Array.from(side.fromBest(), ({ price, lots }) => [price, lots])
const sorted = (orders: readonly Order[], buys: boolean) => {
  const lots = new Map<number, number>()
  for (const { price, remain } of orders) lots.set(price, (lots.get(price) ?? 0) + remain)
  return [...lots].sort(([a], [b]) => (buys ? b - a : a - b))
}

describe('one side of a book', () => {
  it.each([true, false])('shows its levels sorted from the best on, thousands of them (bids: %s)', (buys) => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({ price: fc.integer({ min: 1, max: 3000 }), keep: fc.double({ noNaN: true, min: 0, max: 1 }) }),
          {
            minLength: 500,
            maxLength: 4000,
            size: 'max',
          },
        ),
        (moves) => {
          const side = new BookSide<Order>(buys)
          const orders: Order[] = []
          for (const { price, keep } of moves) {
            if (keep < 0.35 && orders.length > 0) {
              const [gone] = orders.splice(Math.floor((keep / 0.35) * orders.length), 1)
              side.remove(gone!)
            } else {
              const order = new Order(price, 1 + (price % 7))
              orders.push(order)
              side.add(order)
            }
            const prices = orders.map((order) => order.price)
            // Spreading thousands of numbers into Math.max would cost more than the book.
            const best = prices.reduce<number | undefined>(
              (top, each) => (top === undefined || (buys ? each > top : each < top) ? each : top),
              undefined,
            )
            if (side.best?.price !== best) throw new Error(`the best is ${side.best?.price} and should be ${best}`)
          }
          expect(shown(side)).toEqual(sorted(orders, buys))
          expect(side.depth).toBe(sorted(orders, buys).length)
          for (const order of orders) side.remove(order)
          expect([shown(side), side.best, side.depth]).toEqual([[], undefined, 0])
        },
      ),
      { numRuns: 15 },
    )
  })

  it('keeps its order while levels come in the middle and go at the ends', () => {
    const side = new BookSide<Order>(true)
    const orders = Array.from({ length: 5000 }, (_, index) => new Order(((index * 2654435761) % 5003) + 1, 1))
    for (const order of orders) side.add(order)
    expect(side.depth).toBe(5000)
    for (const order of orders.slice(0, 4990)) side.remove(order)
    expect(shown(side)).toEqual(sorted(orders.slice(4990), true))
  })
})
