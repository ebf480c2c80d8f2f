/** State of an account from the view of one contract. Money is in settlement currency. */
export interface LiquidationTerms {
  readonly linear: boolean
  /**
   * Contracts times face value held long and short: base currency if linear, quote currency if
   * inverse.
   */
  readonly long: number
  readonly short: number
  /** Entry cost of each side: size times price if linear, size divided by price if inverse. */
  readonly longCost: number
  readonly shortCost: number
  /**
   * Margin available to the position: the balance plus the profits of all other positions, less
   * their requirements.
   */
  readonly backing: number
  /**
   * Required rest as a share of the value at that price: the maintenance rate, plus the closing fee
   * if it counts.
   */
  readonly maintenanceRate: number
}

/**
 * The price at which what stands behind a position is down to what must be left: backing +
 * profit(P) = rate · value(P), solved for P. With L and S the sizes, CL and CS the costs, m the
 * rate, and M = max(L, S), since the smaller side's margin is waived:
 *
 * linear:  P = (CL − CS − backing) / (L − S − m·M)
 * inverse: P = (L − S + m·M) / (CL − CS + backing)
 *
 * 0 when there is no such price. One price counts for both sides of a crossed position. It is an
 * estimate, for show: the liquidation itself compares money.
 *
 * Sources: HTX, "Brief Introduction of USDⓈ-Margined Contracts" (margin ratio = equity / Σ(occupied
 * margin · adjustment factor) − 100 %, liquidation at 0; the maintenance rate is the adjustment
 * factor divided by the leverage, "Tiered Adjustment Factor") and "Locked Margin Optimization" (the
 * waiver). Binance ("How to Calculate Liquidation Price of USDⓈ-M Futures Contracts") and KuCoin
 * ("Liquidation Price in Cross Margin Mode") publish the same equation. Where an exchange counts
 * maintenance by the entry price instead (Bybit), its amount comes off the backing and the rate is
 * 0.
 */
export function liquidationPrice(terms: LiquidationTerms): number {
  const { linear, long, short, longCost, shortCost, backing, maintenanceRate } = terms
  const needed = maintenanceRate * Math.max(long, short)
  const price = linear
    ? (longCost - shortCost - backing) / (long - short - needed)
    : (long - short + needed) / (longCost - shortCost + backing)
  return price > 0 && price < Infinity ? Number(price.toPrecision(12)) : 0
}
