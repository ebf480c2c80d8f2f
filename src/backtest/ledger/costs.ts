import { mean, ratio, sum } from '../statistics/numbers.js'
import type { EquityPoint, LedgerFill, RunLedger } from './ledger.js'

/** Costs of a run, in quote currency unless said otherwise. What is not known is undefined. */
export interface CostStatistics {
  /** Fees in the currency in which they were taken. */
  readonly feesByCurrency: Readonly<Record<string, number>>
  /** Sum of all fees at the price of their fill; undefined where the worth of one is not known. */
  readonly fees: number | undefined
  readonly makerFills: number
  readonly takerFills: number
  /** Sum of price · quantity of all fills. */
  readonly volume: number
  readonly makerVolume: number
  readonly takerVolume: number
  /** makerVolume / (makerVolume + takerVolume). */
  readonly makerShare: number | undefined
  /**
   * Σ side·(price − mid when the order was sent)·quantity: above 0 is a cost. Undefined where no
   * fill has a mid.
   */
  readonly slippage: number | undefined
  /** Slippage over the volume that it was measured on. */
  readonly slippageRate: number | undefined
  /** Received minus paid. */
  readonly funding: number
  readonly liquidations: number
  /** volume / mean equity: how many times the account was traded. */
  readonly turnover: number | undefined
  /** Mean of |value of positions| / equity, over the bars. */
  readonly exposure: number | undefined
  /** Share of the bars with a position. */
  readonly timeInMarket: number | undefined
}

const valueOf = ({ price, quantity }: LedgerFill): number => Math.abs(price) * quantity
const volumeOf = (fills: readonly LedgerFill[]): number => sum(fills.map(valueOf))

function slippageOf(fills: readonly LedgerFill[]): { cost: number | undefined; rate: number | undefined } {
  const measured = fills.filter(({ midWhenSent }) => midWhenSent !== undefined)
  if (measured.length === 0) return { cost: undefined, rate: undefined }
  const cost = sum(
    measured.map(({ side, price, quantity, midWhenSent = price }) => {
      const worse = (price - midWhenSent) * quantity
      return side === 'BUY' ? worse : -worse
    }),
  )
  return { cost, rate: ratio(cost, volumeOf(measured)) }
}

function feesByCurrency(fills: readonly LedgerFill[]): Record<string, number> {
  const fees = new Map<string, number>()
  for (const { fee, feeCurrency } of fills) fees.set(feeCurrency, (fees.get(feeCurrency) ?? 0) + fee)
  return Object.fromEntries(fees)
}

const exposures = (points: readonly EquityPoint[]): readonly number[] =>
  points.flatMap(({ exposure, equity }) => (exposure === undefined ? [] : [ratio(exposure, equity) ?? 0]))

/**
 * Sums up what a run cost.
 *
 * @example
 * costStatistics(ledger).feesByCurrency // { USDT: 12.5, BTC: 0.0003 }
 */
export function costStatistics({ fills, funding, liquidations, equity }: RunLedger): CostStatistics {
  const maker = fills.filter(({ liquidity }) => liquidity === 'MAKER')
  const taker = fills.filter(({ liquidity }) => liquidity === 'TAKER')
  const [volume, makerVolume, takerVolume] = [volumeOf(fills), volumeOf(maker), volumeOf(taker)]
  const slippage = slippageOf(fills)
  const worths = fills.map(({ feeInQuote }) => feeInQuote).filter((worth) => worth !== undefined)
  const shares = exposures(equity)
  return {
    feesByCurrency: feesByCurrency(fills),
    fees: worths.length === fills.length ? sum(worths) : undefined,
    makerFills: maker.length,
    takerFills: taker.length,
    volume,
    makerVolume,
    takerVolume,
    makerShare: ratio(makerVolume, makerVolume + takerVolume),
    slippage: slippage.cost,
    slippageRate: slippage.rate,
    funding: sum(funding.map(({ amount }) => amount)),
    liquidations: liquidations.length,
    turnover: ratio(volume, mean(equity.map((point) => point.equity))),
    exposure: mean(shares),
    timeInMarket: ratio(shares.filter((share) => share !== 0).length, shares.length),
  }
}
