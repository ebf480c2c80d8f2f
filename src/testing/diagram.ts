import { type CallSite, callSite } from './call-site.js'
import { drawSvg } from './draw-svg/svg.js'
import { check } from './marbles.js'
import type { ScenarioRun } from './run/scenario-run.js'
import type { Scenario } from './scenario.js'

/** A scenario that is a test and a picture. */
export interface DiagramOptions extends Scenario {
  /** One line: what is shown. */
  readonly title: string
  /** A sentence or two: why it is so, and when one wants it. */
  readonly text: string
  /**
   * Stands in the box between what goes in and what comes out: `debounceTime(1000)`. @default no
   * box
   */
  readonly code?: string
}

/** A diagram, and where it is written. */
export interface Diagram extends DiagramOptions {
  readonly site: CallSite | undefined
}

/**
 * Makes a diagram module, the default export of a `*.marble.ts`: a test runner runs it, and its
 * picture is drawn from the run, so that it cannot lie.
 *
 * @example
 * ```ts
 * export default diagram({
 *   title: 'debounceTime waits until it is quiet',
 *   text: 'The last value of a burst comes, one second after it.',
 *   code: 'debounceTime(1000)',
 *   lanes: `
 *     price     100  200ms 101  300ms 102
 *     settled   1500ms 102`,
 *   run: ({ hot }) => ({ settled: hot('price').pipe(debounceTime(1000)) }),
 * })
 * ```
 */
export const diagram = (options: DiagramOptions): Diagram => ({ ...options, site: callSite() })

/** Runs a diagram; throws a MarblesFailed unless it comes out as written. */
export const checkDiagram = (it: Diagram): ScenarioRun => check(it, it.site, it.title)

/** Runs a diagram and draws it. Throws as {@link checkDiagram} does: what fails is not drawn. */
export const drawDiagram = (it: Diagram): string => drawSvg(checkDiagram(it), it)
