import { type CostStatistics, costStatistics } from './ledger/costs.js'
import { type ExecutionStatistics, executionStatistics } from './ledger/execution.js'
import { withoutDust } from './ledger/dust.js'
import { dailyEquityOf, tradeFillsOf } from './ledger/from-ledger.js'
import type { RunLedger } from './ledger/ledger.js'
import { type EquityStatistics, equityStatistics } from './statistics/equity-statistics.js'
import {
  type DurationStatistics,
  durationStatistics,
  type Excursion,
  excursionOf,
} from './statistics/trades/excursions.js'
import type { OpenRoundTrip, RoundTrip } from './statistics/trades/round-trips.js'
import { type TradeStatistics, tradeStatistics } from './statistics/trades/trade-statistics.js'
import { openOf, tradesOf } from './statistics/trades/trades-of.js'

/** A run with all that is needed to read and repeat it. Plain data: it survives JSON. */
export interface RunResult {
  /** Name of the strategy or run. */
  readonly title: string
  readonly ledger: RunLedger
  /** Rate of a year without risk, as a fraction. @default 0 */
  readonly riskFreeAnnual?: number | undefined
  /** Settings of the strategy and the exchange. */
  readonly parameters?: Readonly<Record<string, unknown>> | undefined
  /** Files that were played. */
  readonly data?: readonly { readonly name: string; readonly sha256?: string; readonly rows?: number }[] | undefined
  /** Versions by name, such as rxquant and node. */
  readonly versions?: Readonly<Record<string, string>> | undefined
  readonly seed?: number | string | undefined
  /** Remarks about the run, such as prices that were old. */
  readonly notes?: readonly string[] | undefined
}

/** A round trip with its symbol (`platform symbol`) and the excursions of the price during it. */
export type RunTrade = RoundTrip & {
  readonly symbol: string
  /** Reason of the order that closed it, where the strategy gave one. */
  readonly exitReason?: string | undefined
} & Partial<Excursion>

/** All statistics of a run. */
export interface RunStatistics {
  readonly equity: EquityStatistics
  readonly trades: TradeStatistics
  readonly durations: DurationStatistics
  /** Statistics of trades by symbol. */
  readonly bySymbol: Readonly<Record<string, TradeStatistics>>
  /** Statistics of trades by the reason of their exit; empty where the strategy gave none. */
  readonly byExitReason: Readonly<Record<string, TradeStatistics>>
  readonly costs: CostStatistics
  readonly execution: ExecutionStatistics
}

/**
 * Derives the round trips of a run, in the order in which they were closed. A rest that is no more
 * than the fees taken in coins counts as closed.
 */
export function runTrades({ fills, bars, orders }: RunLedger): readonly RunTrade[] {
  const reasons = exitReasons(fills, orders)
  return tradesOf(withoutDust(tradeFillsOf(fills))).map((trade) => {
    const symbol = trade.symbol ?? ''
    const priceBars = bars[symbol] ?? bars[symbol.slice(symbol.indexOf(' ') + 1)] ?? []
    const exitReason = reasons.get(`${symbol} ${trade.closeTime}`)
    return {
      ...trade,
      symbol,
      ...(exitReason === undefined ? {} : { exitReason }),
      ...excursionOf(trade, priceBars),
    }
  })
}

/** Round trips that have not come back to 0, by `platform symbol`. */
export const openTrades = ({ fills }: RunLedger): Readonly<Record<string, OpenRoundTrip>> => {
  const all = withoutDust(tradeFillsOf(fills))
  const symbols = [...new Set(all.map(({ symbol = '' }) => symbol))]
  return Object.fromEntries(
    symbols.flatMap((symbol) => {
      const trip = openOf(all.filter((fill) => (fill.symbol ?? '') === symbol))
      return trip === undefined ? [] : [[symbol, trip] as const]
    }),
  )
}

/** Reasons of orders with a fill, by `platform symbol time`. */
function exitReasons(fills: RunLedger['fills'], orders: RunLedger['orders']): ReadonlyMap<string, string> {
  const given = new Map(
    orders.flatMap(({ symbol, orderNo, reason }) =>
      reason === undefined ? [] : [[`${symbol} ${orderNo}`, reason] as const],
    ),
  )
  return new Map(
    fills.flatMap(({ platform, symbol, orderNo, atMs }) => {
      const reason = given.get(`${symbol} ${orderNo}`)
      return reason === undefined ? [] : [[`${platform} ${symbol} ${atMs}`, reason] as const]
    }),
  )
}

/** Computes the statistics of a run: of its daily equity, round trips, costs and orders. */
export function runStatistics(
  result: RunResult,
  trades: readonly RunTrade[] = runTrades(result.ledger),
): RunStatistics {
  const { ledger, riskFreeAnnual } = result
  return {
    equity: equityStatistics({ ...dailyEquityOf(ledger), riskFreeAnnual }),
    trades: tradeStatistics(trades),
    durations: durationStatistics(trades),
    bySymbol: by(trades, ({ symbol }) => symbol),
    byExitReason: trades.some(({ exitReason }) => exitReason !== undefined)
      ? by(trades, ({ exitReason }) => exitReason ?? 'no reason')
      : {},
    costs: costStatistics(ledger),
    execution: executionStatistics(ledger.orders),
  }
}

function by(
  trades: readonly RunTrade[],
  nameOf: (trade: RunTrade) => string,
): Readonly<Record<string, TradeStatistics>> {
  const groups = new Map<string, RunTrade[]>()
  for (const trade of trades) {
    const group = groups.get(nameOf(trade))
    if (group === undefined) groups.set(nameOf(trade), [trade])
    else group.push(trade)
  }
  return Object.fromEntries(Array.from(groups, ([name, group]) => [name, tradeStatistics(group)]))
}
