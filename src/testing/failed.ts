import type { CallSite } from './call-site.js'
import { failureText } from './draw-text/failure-text.js'
import type { Run } from './run.js'

/** A scenario did not do what its lanes say, or proves nothing. The message shows all of it; `run` holds the records. */
export class MarblesFailed extends Error {
  readonly _tag = 'MarblesFailed'
  override readonly name = 'MarblesFailed'
  readonly run: Run

  constructor(title: string, run: Run, site: CallSite | undefined) {
    super(`${title}\n\n${failureText(run, site)}\n`)
    this.run = run
  }
}
