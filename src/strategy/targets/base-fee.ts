import Big from 'big.js'
import type { Fill } from '../../protocol/index.js'

const zero = new Big(0)

/** Parses the currencies of a symbol, base first: `BTC/USDT`, `BTC-USDT` or `BTC_USDT`. */
export const coinsOf = (symbol: string): readonly [base: string, ...others: string[]] => {
  const [base = symbol, ...others] = symbol.split(/[/_-]/)
  return [base, ...others]
}

/**
 * Fee of a spot fill in base currency, which reduces the position; negative for a rebate. 0 if the
 * fill has no fee, pays it in another currency, or is a fill of contracts.
 *
 * @param base - base currency from `symbolInfo`, if known
 */
export const baseFeeOf = ({ symbol, fee, fee_currency, offset }: Fill, base = coinsOf(symbol)[0]): Big =>
  fee === undefined || fee_currency !== base || offset !== undefined ? zero : new Big(fee)
