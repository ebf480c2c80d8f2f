import { readFileSync } from 'node:fs'
import type { EquityPoint, RunResult, RunStatistics } from '../../backtest/index.js'
import { dayOf } from '../../backtest/internal.js'
import { CliError } from '../cli-error.js'

/** Result of `backtest --json`, and input of `compare`. */
export interface BacktestJson {
  readonly type: 'backtest'
  readonly title: string
  /** ISO 8601. */
  readonly from: string
  readonly to: string
  readonly quote: string
  /** False where the run was stopped before its market ended. */
  readonly complete: boolean
  readonly startEquity: number | null
  readonly endEquity: number | null
  readonly statistics: RunStatistics
  /** Equity at 00:00 UTC, by date of the day that ends; the first is the start. */
  readonly daily: readonly (readonly [date: string, equity: number, benchmark: number | null])[]
  readonly parameters: Readonly<Record<string, unknown>>
  readonly data: NonNullable<RunResult['data']>
  readonly versions: Readonly<Record<string, string>>
  readonly seed: number | string | null
  readonly notes: readonly string[]
}

const dayRow = ({ atMs, equity, benchmark }: EquityPoint): readonly [string, number, number | null] => [
  dayOf(atMs),
  equity,
  benchmark ?? null,
]

/** Puts a result into one object for JSON; statistics that are not defined are left out. */
export const resultJson = (result: RunResult, statistics: RunStatistics, complete: boolean): BacktestJson => {
  const { ledger } = result
  return {
    type: 'backtest',
    title: result.title,
    from: new Date(ledger.startMs).toISOString(),
    to: new Date(ledger.endMs).toISOString(),
    quote: ledger.quote,
    complete,
    startEquity: ledger.equity[0]?.equity ?? null,
    endEquity: ledger.equity.at(-1)?.equity ?? null,
    statistics,
    daily: ledger.daily.map(dayRow),
    parameters: result.parameters ?? {},
    data: result.data ?? [],
    versions: result.versions ?? {},
    seed: result.seed ?? null,
    notes: result.notes ?? [],
  }
}

const isResult = (value: unknown): value is BacktestJson =>
  typeof value === 'object' &&
  value !== null &&
  'type' in value &&
  value.type === 'backtest' &&
  'statistics' in value &&
  typeof value.statistics === 'object' &&
  value.statistics !== null &&
  ['equity', 'trades', 'costs', 'execution'].every((part) => part in (value.statistics as object))

/** Reads what `backtest --json` wrote. @throws CliError */
export function readResult(file: string): BacktestJson {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    throw new CliError(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new CliError(`${file} is no JSON: give a file that \`rxquant backtest … --json > ${file}\` wrote`)
  }
  if (!isResult(value)) throw new CliError(`${file} is no result of \`rxquant backtest --json\``)
  return value
}
