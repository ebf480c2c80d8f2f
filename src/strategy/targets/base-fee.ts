import Big from 'big.js'
import type { Fill } from '../../protocol/index.js'

const zero = new Big(0)

/** The currencies of a symbol, base first, read from its name: `BTC/USDT`, `BTC-USDT` or `BTC_USDT`. */
export const coinsOf = (symbol: string): readonly [base: string, ...others: string[]] => {
  const [base = symbol, ...others] = symbol.split(/[/_-]/)
  return [base, ...others]
}

/**
 * Fee of a spot fill in base currency, which reduces the holding; negative for a rebate. 0 where
 * the fill has no fee, pays it in another currency, or is one of contracts.
 *
 * @param base - base currency, where it is known from `symbolInfo`
 */
export const baseFeeOf = ({ symbol, fee, fee_currency, offset }: Fill, base = coinsOf(symbol)[0]): Big =>
  fee === undefined || fee_currency !== base || offset !== undefined ? zero : new Big(fee)
