import type { BookMethod } from './book.js'
import { Decimal, resultOf, shareOf, sideOf, smaller, type TradeResult, type TradeSide } from './trade-fills.js'

/** A fill that closed a part of a position, against the average price of its entries. */
export interface AverageCostTrade extends TradeResult {
  readonly side: TradeSide
  /** Index in the list of fills. */
  readonly exitFill: number
  /** In base currency. */
  readonly quantity: number
  /** Average price of the position, fees apart. */
  readonly entryPrice: number
  readonly exitPrice: number
  /** Milliseconds since 1970. */
  readonly exitTime: number
}

/** Position after the last fill. */
export interface AverageCostPosition {
  /** In base currency, negative for a short. */
  readonly position: number
  /** Average price of the position; undefined where there is none. */
  readonly entryPrice: number | undefined
}

const zero = new Decimal(0)

/** Keeps one average entry price for the position; closing a part does not move it. */
export const averageCostBook: BookMethod<AverageCostTrade, AverageCostPosition> = (changes) => {
  const closed: { exitFill: number; trade: AverageCostTrade }[] = []
  let position = zero
  // Of the open position: its quantity times its average price, and the fees of its entries.
  let cost = zero
  let entryFees = zero
  for (const { index, time, change, price, fee } of changes) {
    const size = change.abs()
    let opening = size
    if (position.times(change).lt(0)) {
      const held = position.abs()
      const quantity = smaller(size, held)
      const costShare = shareOf(cost, quantity, held)
      const feeShare = shareOf(entryFees, quantity, held)
      const gain = price.times(quantity).minus(costShare)
      closed.push({
        exitFill: index,
        trade: {
          side: sideOf(position),
          exitFill: index,
          quantity: quantity.toNumber(),
          entryPrice: cost.div(held).toNumber(),
          exitPrice: price.toNumber(),
          exitTime: time,
          ...resultOf(position.gt(0) ? gain : gain.neg(), feeShare.plus(shareOf(fee, quantity, size))),
        },
      })
      cost = cost.minus(costShare)
      entryFees = entryFees.minus(feeShare)
      opening = size.minus(quantity)
    }
    if (opening.gt(0)) {
      cost = cost.plus(price.times(opening))
      entryFees = entryFees.plus(shareOf(fee, opening, size))
    }
    position = position.plus(change)
  }
  const open = {
    position: position.toNumber(),
    entryPrice: position.eq(0) ? undefined : cost.div(position.abs()).toNumber(),
  }
  return { closed, open }
}
