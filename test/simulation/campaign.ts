import { setImmediate as turn } from 'node:timers/promises'
import { config } from 'rxjs'
import { type HitCounts, Hits } from './hits.js'
import { runSeed } from './run.js'

/** Which seeds to run. */
export interface Campaign {
  readonly from: number
  readonly seeds: number
  /** Goes on after a failure. */
  readonly keepGoing: boolean
}

/** A seed that broke a promise. */
export interface Failure {
  readonly seed: number
  readonly violations: readonly string[]
}

/** What came of many seeds, as plain data: it goes from process to process. */
export interface Outcome {
  readonly runs: number
  readonly failures: readonly Failure[]
  readonly steps: number
  readonly virtualMs: number
  readonly hits: HitCounts
}

const mostFailures = 1_000

/** Runs seed after seed, and each hundredth twice. Tells of every run how many there have been, and of every failure. */
export const runCampaign = async (
  { from, seeds, keepGoing }: Campaign,
  onRun: (runs: number) => void = () => undefined,
  onFailure: (failure: Failure) => void = () => undefined,
): Promise<Outcome> => {
  const hits = new Hits()
  const failures: Failure[] = []
  let [runs, steps, virtualMs] = [0, 0, 0]

  // Traces of the errors that are the trade of a fault simulator are a third of its work.
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 0
  const unhandled: unknown[] = []
  config.onUnhandledError = (error) => unhandled.push(error)

  for (let seed = from; seed < from + seeds && (keepGoing || failures.length === 0); seed++) {
    const { violations, hash, hits: counts, ...run } = runSeed(seed)
    runs++
    steps += run.steps
    virtualMs += run.virtualMs
    hits.add(counts)
    const found = [...violations]
    if (seed % 100 === 0) {
      const again = runSeed(seed).hash
      if (again !== hash) found.push(`determinism: it gave the hash ${hash}, and then ${again}`)
    }
    // Errors that nobody handled are told in a turn of their own.
    if (seed % 10 === 0 || seed === from + seeds - 1) await turn()
    if (unhandled.length > 0)
      found.push(`unhandled, in this seed or the ten before it: ${String(unhandled.splice(0)[0])}`)
    if (found.length > 0 && failures.length < mostFailures) {
      const failure = { seed, violations: found }
      failures.push(failure)
      onFailure(failure)
    }
    onRun(runs)
  }

  config.onUnhandledError = null
  Error.stackTraceLimit = limit
  return { runs, failures, steps, virtualMs, hits: hits.counts }
}

/** Several outcomes as one. */
export const together = (outcomes: readonly Outcome[]): Outcome => {
  const hits = new Hits()
  for (const outcome of outcomes) hits.add(outcome.hits)
  const sum = (of: (outcome: Outcome) => number): number => outcomes.reduce((total, each) => total + of(each), 0)
  return {
    runs: sum(({ runs }) => runs),
    failures: outcomes.flatMap(({ failures }) => failures).sort((a, b) => a.seed - b.seed),
    steps: sum(({ steps }) => steps),
    virtualMs: sum(({ virtualMs }) => virtualMs),
    hits: hits.counts,
  }
}
