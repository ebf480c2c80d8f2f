import { type CallSite, callSite, pointTo, shortFile, siteOfLine } from './call-site.js'
import { MarblesFailed } from './failed.js'
import { NotationError } from './notation/problem.js'
import { runScenario } from './run/run-scenario.js'
import type { ScenarioRun } from './run/scenario-run.js'
import type { Scenario } from './scenario.js'

const troubled = (run: ScenarioRun) =>
  run.lanes.find(({ pairs }) => pairs?.some(({ verdict }) => verdict._tag !== 'Same') === true)?.script ??
  run.faults.find(({ lane }) => lane !== undefined)?.lane

/** Runs a scenario and throws if it fails; `site` is where it is written. */
export const check = (
  scenario: Scenario,
  site: CallSite | undefined,
  title = 'the marbles do not come out as written',
): ScenarioRun => {
  let run: ScenarioRun
  try {
    run = runScenario(scenario)
  } catch (error) {
    if (error instanceof NotationError && site !== undefined) {
      const line = error.problems[0]?.span.line ?? 1
      const at = siteOfLine(site, error.text, line)
      error.message = `the lanes cannot be read (${shortFile(at.file)}:${at.line}):\n${error.message}`
      pointTo(error, at)
    }
    throw error
  }
  if (run.passed) return run
  const failed = new MarblesFailed(title, run, site)
  const lane = troubled(run)
  pointTo(failed, site === undefined || lane === undefined ? site : siteOfLine(site, lane.sourceText, lane.span.line))
  throw failed
}

/**
 * Runs a test that is written in lanes, in virtual time, and throws a {@link MarblesFailed} unless
 * every asserted lane comes out exactly as written: at these instants, these values, and nothing
 * else.
 *
 * Operators that name no scheduler, raw timers and `Date` run in virtual time as well. A scenario
 * that proves nothing fails: nothing asserted, no event seen, a lane without a subscription, timers
 * left running, a promise met.
 *
 * @example
 * ```ts
 * marbles({
 *   lanes: `
 *     price     100   1s 98        1s 103
 *     orders          1s buy(98)   1s sell(103)`,
 *   words: {
 *     buy: (price: number) => ({ action: 'BUY', price }),
 *     sell: (price: number) => ({ action: 'SELL', price }),
 *   },
 *   run: ({ hot }) => ({ orders: dipBuyer(hot<number>('price')) }),
 * })
 * ```
 */
export const marbles = (scenario: Scenario): void => {
  check(scenario, callSite())
}
