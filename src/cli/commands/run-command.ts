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
import { reportUnresolved, reportRefused } from './exit-code.js'
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
/**
 * Interval between pings: more often than the client needs, so that a short run measures the
 * latency.
 */
const PING_EVERY_MS = 1_000
const GOODBYE_MS = 5_000
/** Delay after the end of the market, in ms: its last notices are still on their way. */
const LAST_NEWS_MS = 1_000

/** Enough stack frames to include the strategy when it fails deep inside an operator. */
const STACK_FRAMES = 50

/** `rxquant run`: runs a strategy, displays its events, and logs out at the end. */
export async function runCommand(file: string, options: RunCommandOptions, isGiven: IsGiven): Promise<void> {
  const { url, market, seconds, keys: keysFile, cancelOnExit, json } = options
  checkRunOptions(isGiven)
  if (url !== undefined && !isAddress(url)) throw new CliError(`--url: ${new BadAddress().message}`)
  Error.stackTraceLimit = STACK_FRAMES
  // Without source maps, positions refer to the output of tsx.
  process.setSourceMapsEnabled(true)
  const { strategy: loaded, warnings: copies } = await loadStrategy(file)
  const warnings = [...copies, ...(url === undefined || keysFile === undefined ? [] : warningsOfSecret(keysFile))]
  const strategy = { ...loaded, logins: loginsOf(loaded, options), run: loaded.run.bind(loaded) }
  const marketStartMs =
    market === undefined ? undefined : await checkMarket(market, strategy.logins, readingOf(options, options.symbols))
  // Keys of a real account are never sent to a paper gateway.
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
  // A closed pipe (`| head -1`) stops the run and is not a failure.
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
    // `failures` holds the error of the strategy already.
    if (failures.length === 0) throw error
  } finally {
    await paper?.close()
    chaos?.unsubscribe()
    signals.unsubscribe()
  }
  if (failures.length > 0) throw failures[0]
  if (last !== undefined) reportRefused(summaryOf(last))
}

/** Time for two lists of open orders, in which an accepted order would be a matching order. */
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
  /** Events that do not come from the strategy. */
  readonly aside$: Subject<RunEvent>
  /** Sets the error with which the run ends, without stopping it. */
  readonly onFailure: (failure: unknown) => void
}

/** Runs and displays the strategy; resolves with the last state of the dashboard. */
async function show(strategy: Strategy, showing: Showing): Promise<Dashboard> {
  const { title, venue, url, warnings, forMs, stop$, paper, keysOf, json, aside$, onFailure } = showing
  const { cancelOnExit, outcomesWithinMs } = showing
  const { exclusiveAccount, releaseAfterMs } = showing
  const startedAt = performance.now()
  const recording =
    showing.record === undefined
      ? undefined
      : openRecording(showing.record, (failure) => {
          // Deferred: the failure may occur while a frame is received or sent.
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
    // The market begins after the logins, so that the strategy misses none of it.
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
      // Without --seconds the run ends with the recorded market.
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
    if (summary !== undefined) reportUnresolved(summary)
    // After a failed login, other logins may still be logging out.
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
  // Shows the cursor again however the process ends.
  process.once('exit', () => void stdout.write(SHOW_CURSOR))
  return liveOutput(stdout, process.env['NO_COLOR'] === undefined || process.env['NO_COLOR'] === '', write)
}
