import type { Big } from 'big.js'
import type { BookMethod } from './book.js'
import {
  type PositionChange,
  resultOf,
  shareOf,
  sideOf,
  smaller,
  type TradeResult,
  type TradeSide,
} from './trade-fills.js'

/** A pair of an entry fill and the exit fill that closed a part of it, oldest entry first. */
export interface FifoTrade extends TradeResult {
  readonly side: TradeSide
  /** Indices in the list of fills. */
  readonly entryFill: number
  readonly exitFill: number
  /** In base currency. */
  readonly quantity: number
  readonly entryPrice: number
  readonly exitPrice: number
  /** Milliseconds since 1970. */
  readonly entryTime: number
  readonly exitTime: number
}

/** Part of an entry fill that has not been closed. */
export interface FifoLot {
  readonly side: TradeSide
  readonly entryFill: number
  readonly quantity: number
  readonly entryPrice: number
  readonly entryTime: number
  /** Entry fees of this part, in quote currency. */
  readonly fees: number
}

interface Lot {
  readonly entry: PositionChange
  left: Big
}

/** Matches each closing quantity with the oldest open entries. */
export const fifoBook: BookMethod<FifoTrade, readonly FifoLot[]> = (changes) => {
  const closed: { exitFill: number; trade: FifoTrade }[] = []
  const lots: Lot[] = []
  let first = 0
  for (const exit of changes) {
    let left = exit.change.abs()
    for (let lot = lots[first]; lot !== undefined && left.gt(0); lot = lots[first]) {
      const { entry } = lot
      if (entry.change.gt(0) === exit.change.gt(0)) break
      const quantity = smaller(lot.left, left)
      const moved = exit.price.minus(entry.price).times(quantity)
      const fees = shareOf(entry.fee, quantity, entry.change.abs()).plus(shareOf(exit.fee, quantity, exit.change.abs()))
      closed.push({
        exitFill: exit.index,
        trade: {
          side: sideOf(entry.change),
          entryFill: entry.index,
          exitFill: exit.index,
          quantity: quantity.toNumber(),
          entryPrice: entry.price.toNumber(),
          exitPrice: exit.price.toNumber(),
          entryTime: entry.time,
          exitTime: exit.time,
          ...resultOf(entry.change.gt(0) ? moved : moved.neg(), fees),
        },
      })
      left = left.minus(quantity)
      lot.left = lot.left.minus(quantity)
      if (lot.left.eq(0)) first++
    }
    if (left.gt(0)) lots.push({ entry: exit, left })
  }
  const open = lots.slice(first).map(({ entry, left }) => ({
    side: sideOf(entry.change),
    entryFill: entry.index,
    quantity: left.toNumber(),
    entryPrice: entry.price.toNumber(),
    entryTime: entry.time,
    fees: shareOf(entry.fee, left, entry.change.abs()).toNumber(),
  }))
  return { closed, open }
}
