import { basename, extname } from 'node:path'
import {
  delay,
  distinct,
  EMPTY,
  filter,
  firstValueFrom,
  interval,
  lastValueFrom,
  map,
  merge,
  share,
  skip,
  Subject,
  take,
  takeUntil,
  tap,
  timeout,
} from 'rxjs'
import { connect } from '../../client/index.js'
import { record } from '../../testing/index.js'
import { BadAddress, isAddress, webSocket } from '../../transport/index.js'
import { openRecording } from '../run/recording.js'
import type { Strategy } from '../../strategy/index.js'
import { type Dashboard, reduceDashboard, newDashboard } from '../dashboard/dashboard.js'
import { keysFromEnvironment, keysFromFile, randomKeys, warningsOfSecret } from '../options/keys.js'
import { loadStrategy } from '../run/load-strategy.js'
import { loginsOf } from '../run/logins.js'
import { jsonOutput, liveOutput, type Output, plainOutput, SHOW_CURSOR } from '../output/output.js'
import { checkMarket, marketInWords, type Paper, type PaperMarketOptions, startPaper } from '../run/paper.js'
import { sayDoubts, sayRefusals } from './exit-code.js'
import { failed, stackInWords } from '../run/failure-words.js'
import type { RunEvent } from '../run/run-event.js'
import { runStrategy } from '../run/run-strategy.js'
import { isReaderGone, outputFails, reopenSignals, stopSignals, uncaught } from './stop-signals.js'
import { summaryOf } from '../output/summary.js'
import { CliError } from '../cli-error.js'
import { shownUrl } from '../format/text.js'
import { readingOf } from '../options/market-flags.js'
import { checkRunOptions, type IsGiven } from '../options/usage.js'
import { tellChaos, type VenueFlags, venueSettings } from '../options/venue-flags.js'

export interface RunCommandOptions extends PaperMarketOptions, VenueFlags {
  readonly url?: string
  readonly platform?: readonly string[]
  readonly seconds?: number
  readonly keys?: string
  readonly cancelOnExit: boolean
  /** In seconds. */
  readonly outcomesWithin?: number
  readonly exclusiveAccount: boolean
  readonly releaseUnknownAfter?: number
  readonly json: boolean
  readonly record?: string
}

const TICK_MS = 250
/** More often than a client has to: over a short run, one every five seconds would say little of the latency. */
const PING_EVERY_MS = 1_000
const GOODBYE_MS = 5_000
/** What the market told last is still on its way when it is over. */
const LAST_NEWS_MS = 1_000

/** A strategy that fails deep in an operator still stands on the stack. */
const STACK_FRAMES = 50

/** `rxquant run`: runs a strategy, shows what happens, and leaves in order. */
export async function runCommand(file: string, options: RunCommandOptions, isGiven: IsGiven): Promise<void> {
  const { url, market, seconds, keys: keysFile, cancelOnExit, json } = options
  checkRunOptions(isGiven)
  if (url !== undefined && !isAddress(url)) throw new CliError(`--url: ${new BadAddress().message}`)
  Error.stackTraceLimit = STACK_FRAMES
  // Else a line of TypeScript is one of what tsx made of it.
  process.setSourceMapsEnabled(true)
  const { strategy: loaded, warnings: copies } = await loadStrategy(file)
  const warnings = [...copies, ...(url === undefined || keysFile === undefined ? [] : warningsOfSecret(keysFile))]
  const strategy = { ...loaded, logins: loginsOf(loaded, options), run: loaded.run.bind(loaded) }
  const marketStartMs =
    market === undefined ? undefined : await checkMarket(market, strategy.logins, readingOf(options, options.symbols))
  // Keys that mean money are not shown to a paper gateway, even to our own.
  const keys = new Map(
    strategy.logins.map(({ platform }) => [
      platform,
      url === undefined
        ? randomKeys()
        : keysFile === undefined
          ? keysFromEnvironment(platform, process.env)
          : keysFromFile(platform, keysFile),
    ]),
  )

  const stop$ = new Subject<void>()
  const signals = stopSignals().subscribe({
    next: (count) => {
      if (count > 1) process.exit(130)
      stop$.next()
    },
    error: (error: unknown) => stop$.error(error),
  })
  const marketOptions = { ...options, ...(marketStartMs === undefined ? {} : { marketStartMs }) }
  const paper =
    url === undefined
      ? await startPaper(marketOptions, strategy.logins, { port: 0, ...venueSettings(options) })
      : undefined
  const chaos = paper && tellChaos(paper.event$, console.error).subscribe({ error: console.error })
  const failures: unknown[] = []
  let last: Dashboard | undefined
  const aside$ = new Subject<RunEvent>()
  const uncaught$ = uncaught().pipe(
    tap((failure) => aside$.next(failed('aside', failure))),
    map((failure) => new CliError(stackInWords(failure))),
  )
  signals.add(
    merge(uncaught$, paper?.failure$ ?? EMPTY).subscribe({
      next: (failure) => {
        failures.push(failure)
        stop$.next()
      },
      error: (error: unknown) => stop$.error(error),
    }),
  )
  // A reader that has left (`| head -1`) is no failure: there is nobody to run for.
  signals.add(
    outputFails().subscribe({
      next: (failure) => {
        if (!isReaderGone(failure)) failures.push(failure)
        stop$.next()
      },
      error: (error: unknown) => stop$.error(error),
    }),
  )
  try {
    const venue = paper === undefined ? 'gateway' : `paper gateway, ${marketInWords(options)}`
    last = await show(strategy, {
      title: basename(file, extname(file)),
      venue,
      url: url ?? paper?.url ?? '',
      warnings,
      forMs: seconds === undefined ? undefined : seconds * 1000,
      stop$,
      paper,
      keysOf: (platform) => keys.get(platform) ?? randomKeys(),
      cancelOnExit,
      outcomesWithinMs: options.outcomesWithin === undefined ? undefined : options.outcomesWithin * 1000,
      exclusiveAccount: options.exclusiveAccount,
      releaseAfterMs: releaseAfterMs(options),
      json,
      record: options.record,
      aside$,
      onFailure: (failure) => failures.push(failure),
    })
  } catch (error) {
    // The strategy's own error is among them already, in words.
    if (failures.length === 0) throw error
  } finally {
    await paper?.close()
    chaos?.unsubscribe()
    signals.unsubscribe()
  }
  if (failures.length > 0) throw failures[0]
  if (last !== undefined) sayRefusals(summaryOf(last))
}

/** Long enough for two lists of open orders, in which an order that was made would be known by its looks. */
const EXCLUSIVE_ACCOUNT_RELEASE_S = 60

const releaseAfterMs = ({ exclusiveAccount, releaseUnknownAfter }: RunCommandOptions): number | undefined => {
  const seconds = releaseUnknownAfter ?? (exclusiveAccount ? EXCLUSIVE_ACCOUNT_RELEASE_S : undefined)
  return seconds === undefined ? undefined : seconds * 1000
}

interface Showing {
  readonly title: string
  readonly venue: string
  readonly url: string
  readonly warnings: readonly string[]
  readonly forMs: number | undefined
  readonly stop$: Subject<void>
  readonly paper: Paper | undefined
  readonly keysOf: (platform: string) => { readonly access_key: string; readonly secret_key: string }
  readonly cancelOnExit: boolean
  readonly outcomesWithinMs: number | undefined
  readonly exclusiveAccount: boolean
  readonly releaseAfterMs: number | undefined
  readonly json: boolean
  readonly record: string | undefined
  /** Events from beside the strategy. */
  readonly aside$: Subject<RunEvent>
  /** Makes the run end with an error, without stopping it. */
  readonly onFailure: (failure: unknown) => void
}

/** Runs the strategy, shown; resolves with the last picture. */
async function show(strategy: Strategy, showing: Showing): Promise<Dashboard> {
  const { title, venue, url, warnings, forMs, stop$, paper, keysOf, json, aside$, onFailure } = showing
  const { cancelOnExit, outcomesWithinMs } = showing
  const { exclusiveAccount, releaseAfterMs } = showing
  const startedAt = performance.now()
  const recording =
    showing.record === undefined
      ? undefined
      : openRecording(showing.record, (failure) => {
          // Not in the middle of what is being received or sent.
          queueMicrotask(() => aside$.next({ type: 'note', text: failure.message }))
          onFailure(failure)
        })
  const transport = recording === undefined ? url : webSocket(url).pipe(record(recording.write))
  const gateway = connect(transport, { pingEveryMs: PING_EVERY_MS })
  const output = outputFor(json, (text) => aside$.next({ type: 'said', value: text }))
  let dashboard: Dashboard = newDashboard({ title, venue, url: shownUrl(url), logins: strategy.logins })

  const take$ = (event: RunEvent): void => {
    const stamped = { at: performance.now() - startedAt, event }
    const before = dashboard
    dashboard = reduceDashboard(before, stamped)
    output.take(stamped, before, dashboard)
    // What is played before the strategy has logged in, it would miss.
    if (event.type === 'began') paper?.begin()
    const stale = event.type === 'fill' ? paper?.noteOf(event.platform, event.fill) : undefined
    if (stale !== undefined) take$({ type: 'note', text: stale })
    if (event.type === 'error' && event.source !== 'aside')
      onFailure(new CliError(event.source === 'login' ? event.message : event.stack))
  }

  const platforms = new Set(strategy.logins.map(({ platform }) => platform))
  const marketOver$ = (paper?.over$ ?? EMPTY).pipe(
    filter((platform) => platforms.has(platform)),
    distinct(),
    skip(platforms.size - 1),
    share(),
  )

  const over$ = new Subject<void>()
  const beside$ = merge(
    interval(TICK_MS).pipe(map((): RunEvent => ({ type: 'tick' }))),
    aside$,
    stop$.pipe(
      take(1),
      map((): RunEvent => ({ type: 'note', text: 'stopping; once more leaves at once' })),
    ),
    marketOver$.pipe(map((): RunEvent => ({ type: 'note', text: 'the recorded market is over' }))),
    (paper?.note$ ?? EMPTY).pipe(map((text): RunEvent => ({ type: 'note', text }))),
    (paper?.progress$ ?? EMPTY).pipe(map((share): RunEvent => ({ type: 'market', share }))),
  ).pipe(takeUntil(over$))

  try {
    for (const text of warnings) take$({ type: 'note', text })
    const run$ = runStrategy({
      strategy,
      gateway,
      keysOf,
      forMs,
      // What comes after the last of it is silence. Who says how long it shall take has it as he says.
      stop$: forMs === undefined ? merge(stop$, marketOver$.pipe(delay(LAST_NEWS_MS))) : stop$,
      reopen$: reopenSignals(),
      cancelOnExit,
      outcomesWithinMs,
      exclusiveAccount,
      releaseAfterMs,
      now: () => performance.now(),
    }).pipe(tap({ finalize: () => over$.next() }))
    await lastValueFrom(merge(run$, beside$).pipe(tap(take$)), { defaultValue: undefined })
  } finally {
    const summary = dashboard.beganAt === undefined ? undefined : summaryOf(dashboard)
    output.end(dashboard, summary)
    if (summary !== undefined) sayDoubts(summary)
    // A login that failed may have left others behind, which are logging out now.
    await firstValueFrom(
      gateway.status$.pipe(
        filter(({ _tag }) => _tag === 'Idle' || _tag === 'Closed'),
        timeout(GOODBYE_MS),
      ),
      { defaultValue: undefined },
    ).catch(() => undefined)
    recording?.close()
  }
  return dashboard
}

function outputFor(json: boolean, write: (text: string) => void): Output {
  const { stdout } = process
  if (json) return jsonOutput(stdout)
  if (!stdout.isTTY || process.env['TERM'] === 'dumb') return plainOutput(stdout)
  // However we leave: a terminal without a cursor is a broken one.
  process.once('exit', () => void stdout.write(SHOW_CURSOR))
  return liveOutput(stdout, process.env['NO_COLOR'] === undefined || process.env['NO_COLOR'] === '', write)
}
