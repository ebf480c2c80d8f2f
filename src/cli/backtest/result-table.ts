import { duration, fixed, minuteOf, money, percent, significant } from '../../backtest/internal.js'
import {
  openTrades,
  type RunResult,
  type RunStatistics,
  type RunTrade,
  type TradeStatistics,
} from '../../backtest/index.js'
import { brailleCurve } from '../format/braille.js'
import { cut, harmless, type Paint, padEnd, padStart, widthOf } from '../format/text.js'

const CURVE_HEIGHT = 8
const MOST_GROUPS = 20
const MOST_CODES = 5

/** Lays out rows under their heads: the first column from the left, all others from the right. */
export function table(heads: readonly string[], rows: readonly (readonly string[])[], paint: Paint): string[] {
  const widths = heads.map((head, column) => Math.max(widthOf(head), ...rows.map((row) => widthOf(row[column] ?? ''))))
  const line = (cells: readonly string[]): string =>
    `   ${cells.map((cell, column) => (column === 0 ? padEnd : padStart)(cell, widths[column] ?? 0)).join('  ')}`.trimEnd()
  return [paint('faint', line(heads)), ...rows.map(line)]
}

interface Group {
  readonly name: string
  readonly trades: readonly RunTrade[]
  readonly statistics: TradeStatistics
}

const meanOf = (values: readonly number[]): number | undefined =>
  values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length

const signedBy = (paint: Paint, value: number | undefined, text: string): string =>
  value === undefined || value === 0 ? text : paint(value > 0 ? 'good' : 'bad', text)

function groupRows(groups: readonly Group[], startEquity: number | undefined, paint: Paint): string[][] {
  return groups.map(({ name, trades, statistics }) => {
    const { netProfit, wins, losses } = statistics
    const returns = trades.flatMap(({ returnOnEntry }) => (returnOnEntry === undefined ? [] : [returnOnEntry]))
    const share = startEquity === undefined || startEquity <= 0 ? undefined : netProfit / startEquity
    return [
      harmless(cut(name, 40)),
      String(trades.length),
      percent(meanOf(returns)),
      signedBy(paint, netProfit, money(netProfit)),
      signedBy(paint, share, percent(share)),
      duration(meanOf(trades.map(({ durationMs }) => durationMs))),
      `${wins}/${trades.length - wins - losses}/${losses}`,
      percent(statistics.winRate, 0),
    ]
  })
}

function groupTable(
  head: string,
  names: Readonly<Record<string, TradeStatistics>>,
  nameOf: (trade: RunTrade) => string,
  { trades, quote, startEquity, total, paint }: Grouping,
): string[] {
  const groups = Object.entries(names)
    .map(([name, statistics]) => ({ name, statistics, trades: trades.filter((trade) => nameOf(trade) === name) }))
    .sort((a, b) => b.statistics.netProfit - a.statistics.netProfit)
  const shown = groups.slice(0, MOST_GROUPS)
  const rest = groups.length - shown.length
  const rows = groupRows([...shown, { name: 'TOTAL', statistics: total, trades }], startEquity, paint)
  const heads = [head, 'trades', 'average', `profit, ${quote}`, 'of start', 'held', 'won/even/lost', 'win rate']
  return [...table(heads, rows, paint), ...(rest > 0 ? [paint('faint', `   and ${rest} more`)] : []), '']
}

interface Grouping {
  readonly trades: readonly RunTrade[]
  readonly quote: string
  readonly startEquity: number | undefined
  readonly total: TradeStatistics
  readonly paint: Paint
}

function pairs(rows: readonly (readonly [string, string] | undefined)[], paint: Paint): string[] {
  const shown = rows.filter((row) => row !== undefined)
  const room = Math.max(...shown.map(([name]) => name.length))
  return [...shown.map(([name, value]) => `   ${paint('faint', padEnd(name, room))}  ${value}`), '']
}

/** Summary figures, as names and values. */
export function figuresOf(
  { ledger }: RunResult,
  { equity, trades, costs, execution, durations }: RunStatistics,
  paint: Paint,
): (readonly [string, string] | undefined)[] {
  const [first, last] = [ledger.equity[0], ledger.equity.at(-1)]
  const { quote } = ledger
  const total = first && last && first.equity > 0 ? last.equity / first.equity - 1 : undefined
  const held =
    first?.benchmark !== undefined && last?.benchmark !== undefined && first.benchmark > 0
      ? last.benchmark / first.benchmark - 1
      : undefined
  const { outcomes } = execution
  const span = [equity.maxDrawdownPeakDate, equity.maxDrawdownTroughDate].filter((date) => date !== undefined)
  const refused = outcomes.rejected + outcomes.denied
  return [
    ['Period', `${minuteOf(ledger.startMs)} to ${minuteOf(ledger.endMs)} UTC, ${equity.days} whole days`],
    ['Balance at start; end', `${money(first?.equity)}; ${money(last?.equity)} ${quote}`],
    ['Total return; holding the start', `${signedBy(paint, total, percent(total))}; ${percent(held)}`],
    equity.days < 30 ? undefined : ['CAGR; Calmar', `${percent(equity.cagr)}; ${fixed(equity.calmar)}`],
    [
      'Sharpe; Sortino; volatility',
      `${fixed(equity.sharpe)}; ${fixed(equity.sortino)}; ${percent(equity.volatilityAnnual, 1)}`,
    ],
    [
      'Max drawdown, daily',
      equity.periods === 0 ? '–' : `${percent(equity.maxDrawdown)}${span.length === 2 ? `, ${span.join(' to ')}` : ''}`,
    ],
    [
      'Profit factor; expectancy; SQN',
      `${fixed(trades.profitFactor)}; ${money(trades.expectancy)} ${quote}; ${fixed(trades.sqn)}`,
    ],
    ['Best; worst trade', `${money(trades.largestWin)}; ${money(trades.largestLoss)} ${quote}`],
    ['Held: median; longest', `${duration(durations.medianMs)}; ${duration(durations.longestMs)}`],
    ['Fees; volume', `${money(costs.fees)}; ${money(costs.volume)} ${quote}`],
    [
      'Turnover; exposure',
      `${costs.turnover === undefined ? '–' : `${fixed(costs.turnover, 1)} ×`}; ${percent(costs.exposure, 0)}`,
    ],
    ledger.funding.length === 0 ? undefined : ['Funding', `${money(costs.funding)} ${quote}`],
    ledger.liquidations.length === 0 ? undefined : ['Liquidations', paint('bad', String(ledger.liquidations.length))],
    [
      'Orders: filled, cancelled, missed, refused',
      `${execution.orders}: ${outcomes.filled}, ${outcomes.canceled}, ${outcomes.missed}, ${refused > 0 ? paint('warn', String(refused)) : '0'}`,
    ],
    ...Object.entries(openTrades(ledger)).map(
      ([symbol, { side, position, fills, openTime }]) =>
        [
          'Open at the end',
          `${side} ${significant(Math.abs(position), 7)} ${harmless(symbol)}, since ${minuteOf(openTime)}, ${fills} fills`,
        ] as const,
    ),
    outcomes.open === 0 ? undefined : ['Orders still open', String(outcomes.open)],
    ...Object.entries(execution.refusalsByCode)
      .slice(0, MOST_CODES)
      .map(([code, count]) => ['  refused', `${count}: ${harmless(code)}`] as const),
  ]
}

/**
 * Shows a run as lines of a terminal: trades by symbol and by reason of their exit, the figures of
 * its summary, and the curve of its equity.
 */
export function renderResult(
  result: RunResult,
  statistics: RunStatistics,
  trades: readonly RunTrade[],
  { paint, columns }: { readonly paint: Paint; readonly columns: number },
): string[] {
  const { ledger, title } = result
  const startEquity = ledger.equity[0]?.equity
  const grouping = { trades, quote: ledger.quote, startEquity, total: statistics.trades, paint }
  const curve = brailleCurve(
    ledger.equity.map(({ equity }) => equity),
    { width: Math.max(20, Math.min(100, columns - 18)), height: CURVE_HEIGHT, label: (value) => significant(value, 6) },
  )
  const byReason = Object.keys(statistics.byExitReason)
  return [
    '',
    ` ${paint('strong', harmless(title))}`,
    '',
    ...groupTable('symbol', statistics.bySymbol, ({ symbol }) => symbol, grouping),
    ...(byReason.length === 0
      ? []
      : groupTable('exit reason', statistics.byExitReason, (trade) => trade.exitReason ?? 'no reason', grouping)),
    ...pairs(figuresOf(result, statistics, paint), paint),
    ...(curve.length === 0
      ? []
      : [paint('faint', `   equity, ${ledger.quote}`), ...curve.map((line) => `   ${line}`), '']),
  ]
}
