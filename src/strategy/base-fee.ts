import Big from 'big.js'
import type { Fill } from '../protocol/index.js'

const zero = new Big(0)

/** The base currency, read from the name of a symbol: `BTC` of `BTC/USDT`, `BTC-USDT` and `BTC_USDT`. */
const baseIn = (symbol: string): string => symbol.split(/[/_-]/, 1)[0] ?? ''

/**
 * Fee of a spot fill in base currency, which reduces the holding; negative for a rebate. 0 where the fill does not tell its fee, pays it in another
 * currency, or belongs to a contract: what is held of that is counted in contracts.
 *
 * @param base the base currency, where it is known from `symbolInfo`
 */
export const baseFeeOf = ({ symbol, fee, fee_currency, offset }: Fill, base = baseIn(symbol)): Big =>
  fee === undefined || fee_currency !== base || offset !== undefined ? zero : new Big(fee)
