import * as t from 'io-ts'
import { FiniteNumber } from './number.js'
import type { Action, Offset } from './order.js'
import { NullableText, type Open, open, Text } from './text.js'

/** Whether a fill took liquidity or made it; null where the platform does not say. */
export type Liquidity = Open<'TAKER' | 'MAKER'> | null

/** A trade of one of our orders. `fill_no` is unique only together with symbol and order_no. */
export const Fill = t.intersection(
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
    t.partial({ seq: FiniteNumber, offset: open<Offset>() }),
  ],
  'Fill',
)
export interface Fill extends t.TypeOf<typeof Fill> {}
