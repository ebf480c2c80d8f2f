import type { CallSite } from './call-site.js'
import { failureText } from './draw-text/failure-text.js'
import type { ScenarioRun } from './run/scenario-run.js'

/**
 * A scenario did not do what its lanes say, or proves nothing. The message shows all of it; `run`
 * holds the records.
 */
export class MarblesFailed extends Error {
  readonly _tag = 'MarblesFailed'
  override readonly name = 'MarblesFailed'
  readonly run: ScenarioRun

  constructor(title: string, run: ScenarioRun, site: CallSite | undefined) {
    super(`${title}\n\n${failureText(run, site)}\n`, causeOf(run))
    this.run = run
  }
}

/** The error that the pipeline threw, or ended a lane with where none was expected. */
const causeOf = (run: ScenarioRun): ErrorOptions => {
  const thrown = run.faults.find((fault) => fault.error !== undefined)
  if (thrown !== undefined) return { cause: thrown.error }
  const pairs = run.lanes.flatMap((lane) => lane.pairs ?? [])
  const unexpected = pairs.find(({ received, verdict }) => received?.kind === 'error' && verdict._tag !== 'Same')
  return unexpected === undefined ? {} : { cause: unexpected.received?.value }
}
