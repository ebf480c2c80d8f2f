import { duration, fixed, money, percent } from '../../backtest/internal.js'
import { type BacktestJson, readResult } from '../backtest/result-json.js'
import { table } from '../backtest/result-table.js'
import { harmless, painted, unpainted } from '../format/text.js'

type Row = readonly [
  name: string,
  value: (run: BacktestJson) => number | undefined,
  text: (value: number | undefined) => string,
]

const total = ({ startEquity, endEquity }: BacktestJson): number | undefined =>
  startEquity === null || endEquity === null || startEquity <= 0 ? undefined : endEquity / startEquity - 1

const count = (value: number | undefined): string => fixed(value, 0)
const wholePercent = (value: number | undefined): string => percent(value, 0)

const rows: readonly Row[] = [
  ['Balance at the end', ({ endEquity }) => endEquity ?? undefined, money],
  ['Total return', total, percent],
  ['Holding the start', ({ statistics }) => statistics.equity.benchmarkTotalReturn, percent],
  ['CAGR', ({ statistics: { equity } }) => (equity.days < 30 ? undefined : equity.cagr), percent],
  ['Sharpe', ({ statistics }) => statistics.equity.sharpe, fixed],
  ['Sortino', ({ statistics }) => statistics.equity.sortino, fixed],
  ['Volatility', ({ statistics }) => statistics.equity.volatilityAnnual, percent],
  ['Max drawdown, daily', ({ statistics }) => statistics.equity.maxDrawdown, percent],
  ['Round trips', ({ statistics }) => statistics.trades.trades, count],
  ['Win rate', ({ statistics }) => statistics.trades.winRate, wholePercent],
  ['Profit factor', ({ statistics }) => statistics.trades.profitFactor, fixed],
  ['Expectancy', ({ statistics }) => statistics.trades.expectancy, money],
  ['SQN', ({ statistics }) => statistics.trades.sqn, fixed],
  ['Held, median', ({ statistics }) => statistics.durations.medianMs, duration],
  ['Fees', ({ statistics }) => statistics.costs.fees, money],
  ['Volume', ({ statistics }) => statistics.costs.volume, money],
  ['Turnover', ({ statistics }) => statistics.costs.turnover, (value) => fixed(value, 1)],
  ['Exposure', ({ statistics }) => statistics.costs.exposure, wholePercent],
  ['Orders', ({ statistics }) => statistics.execution.orders, count],
  ['Refused', ({ statistics: { execution } }) => execution.outcomes.rejected + execution.outcomes.denied, count],
]

const plain = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

/** Settings, data and versions in which two runs differ, by name. */
function differences(one: BacktestJson, other: BacktestJson): string[][] {
  const factsOf = (run: BacktestJson): ReadonlyMap<string, string> =>
    new Map([
      ['from', run.from],
      ['to', run.to],
      ['quote', run.quote],
      ...(run.complete ? [] : [['complete', 'no'] as const]),
      ...(run.seed === null ? [] : [['seed', plain(run.seed)] as const]),
      ...Object.entries(run.parameters).map(([name, value]) => [name, plain(value)] as const),
      ...run.data.map(({ name, sha256 = '–' }) => [`data ${name}`, sha256.slice(0, 16)] as const),
      ...Object.entries(run.versions).map(([name, version]) => [`version ${name}`, version] as const),
    ])
  const [here, there] = [factsOf(one), factsOf(other)]
  return [...new Set([...here.keys(), ...there.keys()])]
    .filter((name) => here.get(name) !== there.get(name))
    .map((name) => [name, here.get(name) ?? '–', there.get(name) ?? '–'].map(harmless))
}

/** Shows two results of `backtest --json` side by side, as lines. */
export function compareLines(one: BacktestJson, other: BacktestJson, paint: typeof painted): string[] {
  const names = [one, other].map(({ title }, index) => harmless(title) || `run ${index + 1}`)
  const figures = rows.map(([name, valueOf, text]) => {
    const [here, there] = [valueOf(one), valueOf(other)]
    const change = here === undefined || there === undefined ? undefined : there - here
    const words = change === undefined ? '–' : `${change > 0 ? '+' : ''}${text(change)}`
    return [name, text(here), text(there), change === 0 ? '' : words]
  })
  const apart = differences(one, other)
  return [
    '',
    ...table(['', ...names, 'difference'], figures, paint),
    '',
    ...(apart.length === 0
      ? [paint('faint', '   the same settings, data and versions')]
      : table(['differs', ...names], apart, paint)),
    '',
  ]
}

/** `rxquant compare`: shows two results side by side. */
export function compareCommand(one: string, other: string, { json = false }: { readonly json?: boolean } = {}): void {
  const [first, second] = [readResult(one), readResult(other)]
  if (json) {
    const values = (run: BacktestJson) =>
      Object.fromEntries(rows.map(([name, valueOf]) => [name, valueOf(run) ?? null]))
    console.log(
      JSON.stringify({
        type: 'compare',
        runs: [first, second].map((run) => ({ title: run.title, ...values(run) })),
        differs: differences(first, second),
      }),
    )
    return
  }
  const paint = process.stdout.isTTY && (process.env['NO_COLOR'] ?? '') === '' ? painted : unpainted
  console.log(compareLines(first, second, paint).join('\n'))
}
