import { Decimal, type TradeFill } from '../statistics/trades/trade-fills.js'

/**
 * Closes positions that only fees keep from being flat. A purchase whose fee is taken in coins
 * brings less than was ordered: a sale of the ordered quantity then sells a little of what was
 * held before, and a sale of what came in may leave less than a lot. Where the rest is no more
 * than those fees, the fill counts for just the position, and the next trade begins at 0.
 */
export function withoutDust(fills: readonly TradeFill[]): readonly TradeFill[] {
  const books = new Map<string, { position: typeof zero; fees: typeof zero }>()
  return fills.map((fill) => {
    const { symbol = '', side, quantity, fee = 0, feeCurrency } = fill
    let book = books.get(symbol)
    if (book === undefined) books.set(symbol, (book = { position: zero, fees: zero }))
    const coins = feeCurrency === 'base' ? new Decimal(fee) : zero
    const change = (side === 'BUY' ? new Decimal(quantity) : new Decimal(-quantity)).minus(coins)
    const before = book.position
    const after = before.plus(change)
    const isReduction = before.times(change).lt(0)
    book.fees = book.fees.plus(coins)
    if (isReduction && !after.eq(0) && after.abs().lte(book.fees)) {
      books.set(symbol, { position: zero, fees: zero })
      const whole = before.abs().plus(side === 'BUY' ? coins : coins.neg())
      return whole.gt(0) ? { ...fill, quantity: whole.toNumber() } : fill
    }
    if (after.eq(0) || before.times(after).lt(0)) book.fees = zero
    book.position = after
    return fill
  })
}

const zero = new Decimal(0)
