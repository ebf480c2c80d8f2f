import * as t from 'io-ts'
import { FiniteNumber, isPlainNumber } from '../codec/number.js'
import type { Action, Offset } from './order.js'
import { quick } from '../codec/quick.js'
import { isText, isTextOrNull, NullableText, type OpenEnum, open, Text } from '../codec/text.js'

/** Liquidity side of a fill; null where the platform does not report it. */
export type Liquidity = OpenEnum<'TAKER' | 'MAKER'> | null

/** A trade of one of our orders. `fill_no` is unique only together with symbol and order_no. */
export const Fill = quick(
  t.intersection(
    [
      t.type({
        symbol: Text,
        order_no: Text,
        fill_no: Text,
        price: FiniteNumber,
        /** Unsigned, in base currency (contracts for futures). */
        quantity: FiniteNumber,
        side: open<Action>(),
        liquidity: NullableText,
        /** Milliseconds since 1970. */
        ctime: FiniteNumber,
      }),
      t.partial({
        seq: FiniteNumber,
        offset: open<Offset>(),
        /** Taken from what the trade brought in; negative for a rebate. Absent: not told. */
        fee: FiniteNumber,
        fee_currency: Text,
      }),
    ],
    'Fill',
  ),
  (u) =>
    isText(u.symbol) &&
    isText(u.order_no) &&
    isText(u.fill_no) &&
    isPlainNumber(u.price) &&
    isPlainNumber(u.quantity) &&
    isText(u.side) &&
    isTextOrNull(u.liquidity) &&
    isPlainNumber(u.ctime) &&
    (u.seq === undefined || isPlainNumber(u.seq)) &&
    (u.offset === undefined || isText(u.offset)) &&
    (u.fee === undefined || isPlainNumber(u.fee)) &&
    (u.fee_currency === undefined || isText(u.fee_currency)),
)
export interface Fill extends t.TypeOf<typeof Fill> {}
