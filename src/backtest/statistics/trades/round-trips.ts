import type { Big } from 'big.js'
import type { BookMethod } from './book.js'
import {
  Decimal,
  type PositionChange,
  resultOf,
  shareOf,
  sideOf,
  smaller,
  type TradeResult,
  type TradeSide,
} from './trade-fills.js'

/** Everything from a flat position to the next flat position. */
export interface RoundTrip extends TradeResult {
  readonly side: TradeSide
  /** Times of the fills that leave and reach 0, milliseconds since 1970. */
  readonly openTime: number
  readonly closeTime: number
  readonly durationMs: number
  /** Sum of the entries, in base currency. */
  readonly quantity: number
  /** Largest size of the position, in base currency. */
  readonly largestPosition: number
  /** Number of fills; one that flips the position counts in both round trips. */
  readonly fills: number
  /** Average price of the entries, weighted by quantity. */
  readonly entryPrice: number
  /** Average price of the exits, weighted by quantity. */
  readonly exitPrice: number
  /** net / (entryPrice · quantity), a fraction; undefined where the entries are worth 0. */
  readonly returnOnEntry: number | undefined
}

/** A round trip that has not come back to 0. */
export interface OpenRoundTrip {
  readonly side: TradeSide
  readonly openTime: number
  /** Position that is held, in base currency, negative for a short. */
  readonly position: number
  /** Sum of the entries, in base currency. */
  readonly quantity: number
  readonly largestPosition: number
  readonly fills: number
  /** Average price of the entries. */
  readonly entryPrice: number
  /** Average price of the exits; undefined where there are none. */
  readonly exitPrice: number | undefined
  /** Fees of all its fills, in quote currency. */
  readonly fees: number
  /**
   * Received minus paid, fees included, in quote currency: its profit is this plus the position at
   * its price.
   */
  readonly cashFlow: number
}

interface Trip {
  readonly openTime: number
  position: Big
  entered: Big
  entryValue: Big
  exitValue: Big
  fees: Big
  largest: Big
  fills: number
}

const zero = new Decimal(0)

const newTrip = (openTime: number): Trip => ({
  openTime,
  position: zero,
  entered: zero,
  entryValue: zero,
  exitValue: zero,
  fees: zero,
  largest: zero,
  fills: 0,
})

function enter(trip: Trip, { change, price, fee }: PositionChange, part: Big): void {
  trip.position = trip.position.plus(change.gt(0) ? part : part.neg())
  trip.entered = trip.entered.plus(part)
  trip.entryValue = trip.entryValue.plus(price.times(part))
  trip.fees = trip.fees.plus(shareOf(fee, part, change.abs()))
  if (trip.position.abs().gt(trip.largest)) trip.largest = trip.position.abs()
  trip.fills++
}

function leave(trip: Trip, { change, price, fee }: PositionChange, part: Big): void {
  trip.position = trip.position.plus(change.gt(0) ? part : part.neg())
  trip.exitValue = trip.exitValue.plus(price.times(part))
  trip.fees = trip.fees.plus(shareOf(fee, part, change.abs()))
  trip.fills++
}

function closedTrip(trip: Trip, side: TradeSide, closeTime: number): RoundTrip {
  const { openTime, entered, entryValue, exitValue, fees, largest, fills } = trip
  const gain = exitValue.minus(entryValue)
  const result = resultOf(side === 'LONG' ? gain : gain.neg(), fees)
  const worth = entryValue.toNumber()
  return {
    side,
    openTime,
    closeTime,
    durationMs: closeTime - openTime,
    quantity: entered.toNumber(),
    largestPosition: largest.toNumber(),
    fills,
    entryPrice: entryValue.div(entered).toNumber(),
    exitPrice: exitValue.div(entered).toNumber(),
    ...result,
    returnOnEntry: worth === 0 ? undefined : result.net / worth,
  }
}

function openTrip(trip: Trip): OpenRoundTrip {
  const { openTime, position, entered, entryValue, exitValue, fees, largest, fills } = trip
  const exited = entered.minus(position.abs())
  const gain = exitValue.minus(entryValue)
  return {
    side: sideOf(position),
    openTime,
    position: position.toNumber(),
    quantity: entered.toNumber(),
    largestPosition: largest.toNumber(),
    fills,
    entryPrice: entryValue.div(entered).toNumber(),
    exitPrice: exited.eq(0) ? undefined : exitValue.div(exited).toNumber(),
    fees: fees.toNumber(),
    cashFlow: (position.gt(0) ? gain : gain.neg()).minus(fees).toNumber(),
  }
}

/**
 * Follows the position from flat to flat. A fill that flips it closes one round trip and opens
 * another, its fee split by quantity.
 */
export const roundTripBook: BookMethod<RoundTrip, OpenRoundTrip | undefined> = (changes) => {
  const closed: { exitFill: number; trade: RoundTrip }[] = []
  let trip: Trip | undefined
  for (const fill of changes) {
    let opening = fill.change.abs()
    if (trip?.position.times(fill.change).lt(0) === true) {
      const side = sideOf(trip.position)
      const part = smaller(opening, trip.position.abs())
      leave(trip, fill, part)
      opening = opening.minus(part)
      if (trip.position.eq(0)) {
        closed.push({ exitFill: fill.index, trade: closedTrip(trip, side, fill.time) })
        trip = undefined
      }
    }
    if (opening.gt(0)) enter((trip ??= newTrip(fill.time)), fill, opening)
  }
  return { closed, open: trip && openTrip(trip) }
}
