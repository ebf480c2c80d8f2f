import * as t from 'io-ts'
import { FiniteNumber, NullableNumber } from '../codec/number.js'
import { Text } from '../codec/text.js'

/** The steps and limits of a symbol. Null means that the server does not know of one. */
export const SymbolInfo = t.type(
  {
    /** Smallest step of the price. */
    price_tick: FiniteNumber,
    /** Smallest step of the quantity. */
    size_tick: FiniteNumber,
    /** Smallest quantity of an order. */
    size_limit: NullableNumber,
    /** Smallest step of the value (price times quantity). */
    value_tick: NullableNumber,
    /** Smallest value of an order. */
    value_limit: NullableNumber,
    base_currency: Text,
    quote_currency: Text,
    settlement_currency: Text,
  },
  'SymbolInfo',
)
export interface SymbolInfo extends t.TypeOf<typeof SymbolInfo> {}
