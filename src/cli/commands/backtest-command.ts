import { createHash } from 'node:crypto'
import { createReadStream, writeFileSync } from 'node:fs'
import { basename, extname, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { lastValueFrom, map, Subject, tap } from 'rxjs'
import {
  backtest,
  type BacktestEvent,
  type BacktestOptions,
  checkLookahead,
  type LedgerOrder,
  reportHtml,
  type RunLedger,
  type RunResult,
  runStatistics,
  runTrades,
} from '../../backtest/index.js'
import { currenciesOf } from '../../backtest/internal.js'
import { type Latency } from '../../gateway/index.js'
import { readMarket } from '../../market/index.js'
import { fileOf } from '../../market/internal.js'
import type { Strategy } from '../../strategy/index.js'
import { marketWindow } from '../backtest/market-window.js'
import { progressLine } from '../backtest/progress-line.js'
import { resultJson } from '../backtest/result-json.js'
import { renderResult } from '../backtest/result-table.js'
import { tradesToCsv } from '../backtest/trades-csv.js'
import { counted, number } from '../format/numbers.js'
import { cut, harmless, painted, unpainted } from '../format/text.js'
import { type Fees, platformsWith } from '../options/backtest-flags.js'
import { stackInWords } from '../run/failure-words.js'
import { loadStrategy } from '../run/load-strategy.js'
import { loginsOf } from '../run/logins.js'
import { type MarketFlags, readingOf } from '../options/market-flags.js'
import { checkMarket } from '../run/paper.js'
import { CliError } from '../cli-error.js'
import { ALL_REFUSED } from './exit-code.js'
import { stopSignals, uncaught } from './stop-signals.js'

export interface BacktestCommandOptions extends MarketFlags {
  readonly market: readonly string[]
  readonly from?: number
  readonly to?: number
  readonly fees?: Fees
  readonly balance?: Readonly<Record<string, number>>
  readonly latency?: Latency
  readonly leverage?: number
  readonly lane?: 'wire' | 'direct'
  readonly seed: number
  readonly platform?: readonly string[]
  readonly symbols?: readonly string[]
  readonly report?: string
  readonly trades?: string
  readonly json: boolean
  readonly checkLookahead?: number | true
}

/** An order of the strategy depends on what came after it. */
const KNEW_THE_FUTURE = 5
/** Stopped by the user before the market ended. */
const INTERRUPTED = 130

/** Balance of a backtest where the command line names none, in quote currency. */
export const START_BALANCE = 10_000

const FRAME_MS = 100
const MOST_NOTES = 5

type End = Extract<BacktestEvent, { type: 'end' }>

/** `rxquant backtest`: runs a strategy over files in virtual time, and shows and writes its result. */
export async function backtestCommand(file: string, options: BacktestCommandOptions, version: string): Promise<void> {
  process.setSourceMapsEnabled(true)
  const { strategy: loaded, warnings } = await loadStrategy(file)
  for (const words of warnings) console.error(`rxquant: ${words}`)
  const strategy = { ...loaded, logins: loginsOf(loaded, options), run: loaded.run.bind(loaded) }
  const { from, to, market: files } = options
  if (from !== undefined && to !== undefined && from >= to) throw new CliError('--from must be before --to')
  const reading = readingOf(options, options.symbols)
  await checkMarket(files, strategy.logins, reading)
  const settings = settingsOf(strategy, options)
  const openMarket = () => marketWindow(readMarket(files, reading), from, to)
  const data = await Promise.all(files.map(describeFile))

  const stop$ = new Subject<void>()
  const failures: unknown[] = []
  const error = (cause: unknown): void => stop$.error(cause)
  const watching = stopSignals().subscribe({
    next: (count) => {
      if (count > 1) process.exit(INTERRUPTED)
      console.error(`${process.stderr.isTTY ? '\n' : ''}rxquant: stopping; the result up to now follows`)
      stop$.next()
    },
    error,
  })
  watching.add(
    uncaught().subscribe({
      next: (failure) => {
        failures.push(new CliError(stackInWords(failure)))
        stop$.next()
      },
      error,
    }),
  )
  const startedAt = performance.now()
  const { end, notes } = await runShown(strategy, { ...settings, market: openMarket(), stop$ }, failures)
  if (failures.length > 0) throw failures[0]
  if (end === undefined) throw new CliError('stopped before the market began: there is no result')
  const seconds = (performance.now() - startedAt) / 1_000
  if (end.ledger.equity.length === 0) throw new CliError('the market holds nothing between --from and --to')

  const result: RunResult = {
    title: basename(file, extname(file)),
    ledger: end.ledger,
    parameters: parametersOf(strategy, file, options),
    data,
    versions: { rxquant: version, node: process.versions.node },
    seed: options.seed,
    notes: [...(end.isComplete ? [] : ['stopped before the end of the market']), ...notes, ...(end.ledger.notes ?? [])],
  }
  show(result, end, seconds, options)
  if (!end.isComplete) process.exitCode = INTERRUPTED
  else if (isAllRefused(end.ledger.orders)) {
    console.error(`rxquant: all ${counted(end.ledger.orders.length, 'order')} of the strategy were refused or not sent`)
    process.exitCode = ALL_REFUSED
  }
  if (options.checkLookahead !== undefined && end.isComplete) {
    await checkFuture(strategy, { ...settings, market: openMarket, whole: end.ledger }, options.checkLookahead)
  }
  watching.unsubscribe()
}

function settingsOf(
  { logins }: Strategy,
  { fees, leverage, latency, balance = { '': START_BALANCE }, seed, lane }: BacktestCommandOptions,
): Omit<BacktestOptions, 'market'> {
  if (lane === 'direct' && latency !== undefined)
    throw new CliError('--latency needs --lane wire: the direct lane has no connection that could be late')
  const quote = currenciesOf(logins[0]?.symbols[0] ?? '')[1]
  const { '': amount, ...named } = balance
  return {
    quote,
    seed,
    platforms: platformsWith(
      logins.map(({ platform }) => platform),
      { fees, leverage },
    ),
    startBalances: amount === undefined ? named : { [quote]: amount, ...named },
    // A notice that nothing reads again: the ledger has what happened.
    keep: () => false,
    ...(latency === undefined ? {} : { latency }),
    ...(lane === undefined ? {} : { lane }),
  }
}

/** Runs it, with progress on a terminal; undefined where it was stopped before it began. */
async function runShown(
  strategy: Strategy,
  options: BacktestOptions,
  failures: unknown[],
): Promise<{ readonly end: End | undefined; readonly notes: readonly string[] }> {
  const { stderr } = process
  const notes: string[] = []
  let equity: number | undefined
  let drawnAt = -Infinity
  const clear = (): void => {
    if (stderr.isTTY && drawnAt > 0) stderr.write('\r\u001B[K')
  }
  const event$ = backtest(strategy, options).pipe(
    tap((event) => {
      if (event.type === 'equity') equity = event.equity
      if (event.type === 'note') notes.push(event.words)
      if (event.type !== 'progress' || !stderr.isTTY) return
      const now = performance.now()
      if (now - drawnAt < FRAME_MS) return
      drawnAt = now
      stderr.write(`\r${cut(progressLine(event, equity), (stderr.columns || 80) - 1)}\u001B[K`)
    }),
    map((event) => (event.type === 'end' ? event : undefined)),
  )
  try {
    const end = await lastValueFrom(event$, { defaultValue: undefined })
    return { end, notes }
  } catch (error) {
    if (failures.length > 0) throw failures[0]
    throw error instanceof CliError ? error : new CliError(stackInWords(error))
  } finally {
    clear()
  }
}

function show(result: RunResult, { ledger, isComplete }: End, seconds: number, options: BacktestCommandOptions): void {
  const { stdout } = process
  const trades = runTrades(ledger)
  const statistics = runStatistics(result, trades)
  const paint = stdout.isTTY && (process.env['NO_COLOR'] ?? '') === '' ? painted : unpainted
  const written: string[] = []
  if (options.report !== undefined) {
    writeTo(options.report, reportHtml(result))
    written.push(`report: ${options.report}`)
  }
  if (options.trades !== undefined) {
    writeTo(options.trades, tradesToCsv(trades))
    written.push(`round trips: ${options.trades}`)
  }
  if (options.json) {
    stdout.write(`${JSON.stringify(resultJson(result, statistics, isComplete))}\n`)
    return
  }
  const notes = result.notes ?? []
  const lines = [
    ...renderResult(result, statistics, trades, { paint, columns: stdout.columns || 100 }),
    ...notes.slice(0, MOST_NOTES).map((words) => paint('warn', `   note: ${harmless(words)}`)),
    ...(notes.length > MOST_NOTES ? [paint('warn', `   and ${notes.length - MOST_NOTES} more notes`)] : []),
    ...(notes.length > 0 ? [''] : []),
    ...written.map((words) => `   ${words}`),
    paint('faint', `   ran for ${number(seconds, 1)} s`),
    '',
  ]
  stdout.write(`${lines.join('\n')}\n`)
}

function writeTo(path: string, text: string): void {
  try {
    writeFileSync(path, text)
  } catch (error) {
    throw new CliError(`${path} cannot be written: ${error instanceof Error ? error.message : String(error)}`)
  }
}

async function describeFile(named: string): Promise<{ readonly name: string; readonly sha256: string }> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(fileOf(named)), hash)
  return { name: basename(fileOf(named)), sha256: hash.digest('hex') }
}

const parametersOf = (
  { logins }: Strategy,
  file: string,
  { from, to, fees, latency, leverage, balance = { '': START_BALANCE }, lane }: BacktestCommandOptions,
): Readonly<Record<string, unknown>> => {
  const quote = currenciesOf(logins[0]?.symbols[0] ?? '')[1]
  const amounts = Object.entries(balance).map(([currency, amount]) => `${amount} ${currency || quote}`)
  return {
    strategy: basename(resolve(file)),
    logins: logins.map(({ platform, symbols }) => `${platform} ${symbols.join(' ')}`).join(', '),
    'starting balances': amounts.join(', '),
    fees: fees === undefined ? 'of the platform' : `maker ${fees.maker}, taker ${fees.taker}`,
    ...(latency === undefined ? {} : { latency }),
    ...(leverage === undefined ? {} : { leverage }),
    ...(from === undefined ? {} : { from: new Date(from).toISOString() }),
    ...(to === undefined ? {} : { to: new Date(to).toISOString() }),
    lane: lane ?? (latency === undefined ? 'direct' : 'wire'),
  }
}

const isAllRefused = (orders: readonly LedgerOrder[]): boolean =>
  orders.length > 0 && orders.every(({ outcome }) => outcome === 'rejected' || outcome === 'denied')

async function checkFuture(
  strategy: Strategy,
  options: Omit<Parameters<typeof checkLookahead>[1], 'cutBars'> & { readonly whole: RunLedger },
  cutBars: number | true,
): Promise<void> {
  const say = console.error
  const { cuts, compared, finding } = await checkLookahead(strategy, {
    ...options,
    ...(cutBars === true ? {} : { cutBars: [cutBars] }),
  })
  if (cuts.length === 0) {
    say('rxquant: lookahead check: the market is too short to be cut')
    return
  }
  const ends = cuts.map((ms) => new Date(ms + 1).toISOString().slice(0, 16)).join(', ')
  if (finding === undefined) {
    say(`rxquant: lookahead check: ${counted(compared, 'order')} the same with the market cut off at ${ends}`)
    return
  }
  const order = finding.whole ?? finding.cut
  say(
    `rxquant: lookahead check failed: with the market cut off at ${new Date(finding.cutMs + 1).toISOString()} the orders before differ; the first that knew the future:`,
  )
  if (order !== undefined)
    say(
      `  ${orderInWords(order)}${finding.whole === undefined ? ' (sent in the cut run only)' : finding.cut === undefined ? ' (not sent in the cut run)' : `\n  in the cut run: ${orderInWords(finding.cut)}`}`,
    )
  process.exitCode = KNEW_THE_FUTURE
}

const orderInWords = ({ sentMs, platform, symbol, side, type, quantity, price, orderNo }: LedgerOrder): string =>
  `${new Date(sentMs).toISOString()} ${platform} ${side} ${number(quantity)} ${symbol} ${type}${price === undefined ? '' : ` at ${number(price)}`}${orderNo === undefined ? '' : ` (order ${orderNo})`}`
