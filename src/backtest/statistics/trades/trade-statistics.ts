import { deviation, longestRun, mapped, mean, ratio, sum } from '../numbers.js'

/**
 * Statistics of closed trades, net of fees, in quote currency. A trade with a net result of 0 is
 * neither won nor lost.
 */
export interface TradeStatistics {
  readonly trades: number
  readonly wins: number
  readonly losses: number
  /** wins / trades. */
  readonly winRate: number | undefined
  /** Sum of the net results above 0. */
  readonly grossProfit: number
  /** Size of the sum of the net results below 0. */
  readonly grossLoss: number
  /** grossProfit − grossLoss. */
  readonly netProfit: number
  /** grossProfit / grossLoss; undefined without a loss. */
  readonly profitFactor: number | undefined
  /** grossProfit / wins. */
  readonly averageWin: number | undefined
  /** grossLoss / losses: above 0. */
  readonly averageLoss: number | undefined
  /** averageWin / averageLoss. */
  readonly payoff: number | undefined
  /** Mean net result. */
  readonly expectancy: number | undefined
  /** expectancy / averageLoss: what is won for each unit risked (Tharp, 1998). */
  readonly expectancyRatio: number | undefined
  /** System quality number, √trades · mean / sample deviation of the net results (Tharp, 2008). */
  readonly sqn: number | undefined
  /**
   * Share of the capital with the largest growth, winRate − (1 − winRate) / payoff (Kelly, 1956).
   */
  readonly kelly: number | undefined
  /** Largest net result above 0. */
  readonly largestWin: number | undefined
  /** Smallest net result below 0. */
  readonly largestLoss: number | undefined
  /** Largest number of trades won in a row. */
  readonly longestWinning: number
  /** Largest number of trades lost in a row. */
  readonly longestLosing: number
}

/**
 * Computes the statistics of trades, given in the order in which they were closed. What a formula
 * does not define is undefined.
 *
 * @example
 * tradeStatistics([{ net: 3 }, { net: -1 }, { net: 1 }]).profitFactor // 4
 */
export function tradeStatistics(trades: readonly { readonly net: number }[]): TradeStatistics {
  const nets = trades.map(({ net }) => net)
  const won = nets.filter((net) => net > 0)
  const lost = nets.filter((net) => net < 0)
  const grossProfit = sum(won)
  const grossLoss = sum(lost.map(Math.abs))
  const winRate = ratio(won.length, nets.length)
  const averageWin = mean(won)
  const averageLoss = ratio(grossLoss, lost.length)
  const payoff = ratio(averageWin, averageLoss)
  const expectancy = mean(nets)
  return {
    trades: nets.length,
    wins: won.length,
    losses: lost.length,
    winRate,
    grossProfit,
    grossLoss,
    netProfit: grossProfit - grossLoss,
    profitFactor: ratio(grossProfit, grossLoss),
    averageWin,
    averageLoss,
    payoff,
    expectancy,
    expectancyRatio: ratio(expectancy, averageLoss),
    sqn: mapped(ratio(expectancy, deviation(nets, 0)), (value) => value * Math.sqrt(nets.length)),
    kelly: winRate === undefined ? undefined : mapped(ratio(1 - winRate, payoff), (share) => winRate - share),
    largestWin: won.length === 0 ? undefined : Math.max(...won),
    largestLoss: lost.length === 0 ? undefined : Math.min(...lost),
    longestWinning: longestRun(nets, (net) => net > 0),
    longestLosing: longestRun(nets, (net) => net < 0),
  }
}
