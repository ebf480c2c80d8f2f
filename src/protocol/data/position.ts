import * as t from 'io-ts'
import { FiniteNumber, isPlainNumber, isPlainNumberOrNull, NullableNumber } from '../codec/number.js'
import { quick } from '../codec/quick.js'
import { isText, isTextOrNull, NullableText, type OpenEnum, Text } from '../codec/text.js'

/** `crossed` or `fixed`; null when the position is flat. */
export type MarginMode = OpenEnum<'crossed' | 'fixed'> | null

const positionFields = {
  margin_mode: NullableText as t.Type<MarginMode, string | null, unknown>,
  long_quantity: FiniteNumber,
  /** Less what closing orders have frozen. */
  long_avail_qty: FiniteNumber,
  /** Average price at which the position was opened. */
  long_open_price: NullableNumber,
  /** Average price at which it is held (settlements move it). */
  long_hold_price: NullableNumber,
  /** Estimated liquidation price; null where the exchange gives none. */
  long_liquid_price: NullableNumber,
  /** In the settlement currency. */
  long_unrealised_pnl: FiniteNumber,
  long_leverage: FiniteNumber,
  long_margin: FiniteNumber,
  short_quantity: FiniteNumber,
  short_avail_qty: FiniteNumber,
  short_open_price: NullableNumber,
  short_hold_price: NullableNumber,
  short_liquid_price: NullableNumber,
  short_unrealised_pnl: FiniteNumber,
  short_leverage: FiniteNumber,
  short_margin: FiniteNumber,
  /** Milliseconds since 1970; null when the position is flat. */
  utime: NullableNumber,
}

/** The data of a position reply: the symbol is the request's. */
export const PositionData = t.type(positionFields, 'PositionData')
export interface PositionData extends t.TypeOf<typeof PositionData> {}

/** A hedge-mode position: long and short side by side. */
export const Position = quick(
  t.type({ symbol: Text, ...positionFields }, 'Position'),
  (u) =>
    isText(u.symbol) &&
    isTextOrNull(u.margin_mode) &&
    isPlainNumber(u.long_quantity) &&
    isPlainNumber(u.long_avail_qty) &&
    isPlainNumberOrNull(u.long_open_price) &&
    isPlainNumberOrNull(u.long_hold_price) &&
    isPlainNumberOrNull(u.long_liquid_price) &&
    isPlainNumber(u.long_unrealised_pnl) &&
    isPlainNumber(u.long_leverage) &&
    isPlainNumber(u.long_margin) &&
    isPlainNumber(u.short_quantity) &&
    isPlainNumber(u.short_avail_qty) &&
    isPlainNumberOrNull(u.short_open_price) &&
    isPlainNumberOrNull(u.short_hold_price) &&
    isPlainNumberOrNull(u.short_liquid_price) &&
    isPlainNumber(u.short_unrealised_pnl) &&
    isPlainNumber(u.short_leverage) &&
    isPlainNumber(u.short_margin) &&
    isPlainNumberOrNull(u.utime),
)
export interface Position extends t.TypeOf<typeof Position> {}
