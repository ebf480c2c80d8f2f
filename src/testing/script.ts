import type { ClassicLane } from './notation/classic.js'
import type { Lane, LaneEvent } from './notation/lane.js'
import { parseLanes } from './notation/parse.js'
import { NotationError, type NotationProblem } from './notation/problem.js'

/**
 * Lanes as they are given: one text with all of them, or each by its name. In a text a lane is a
 * line: a name, then events and gaps. A line that is indented deeper goes on with the lane above;
 * `//` begins a comment.
 *
 * - An event is a name of any length and takes no time: `tick`, `fill(o1, BUY 2 @ 101.5)`; numbers,
 *   'text', {objects}, [lists], true, false and null are themselves.
 * - A gap is a duration, `250ms 2s 1m 1h`, or dashes of `tickMs` each. Spaces mean nothing.
 * - `(a b)` is one instant, `|` the end, `#error` the end by an error, `^` a subscription, `!` an
 *   unsubscription.
 * - After the name may stand `[within 50ms]`, `[in order]`, `[silent]` or `[never subscribed]`.
 */
export type LanesText = string | Readonly<Record<string, string | ClassicLane>>

/** A lane of a script, and the text that its spans point into. */
export interface ScriptLane extends Lane {
  readonly isClassic: boolean
  readonly sourceText: string
}

const single = (name: string, text: string, tickMs: number | undefined): ScriptLane[] => {
  const head = `${name} `
  const back = <T extends NotationProblem | LaneEvent | Lane>(it: T): T => ({
    ...it,
    span: it.span.line === 1 ? { ...it.span, column: Math.max(1, it.span.column - head.length) } : it.span,
  })
  try {
    return parseLanes(head + text, tickMs === undefined ? {} : { tickMs }).map((lane) => ({
      ...back(lane),
      events: lane.events.map(back),
      isClassic: false,
      sourceText: text,
    }))
  } catch (error) {
    if (error instanceof NotationError) throw new NotationError(text, error.problems.map(back))
    throw error
  }
}

/** Reads all lanes. Throws a NotationError. */
export const readLanes = (lanes: LanesText, tickMs?: number): readonly ScriptLane[] => {
  if (typeof lanes === 'string') {
    return parseLanes(lanes, tickMs === undefined ? {} : { tickMs }).map((lane) => ({
      ...lane,
      isClassic: false,
      sourceText: lanes,
    }))
  }
  return Object.entries(lanes).flatMap(([name, lane]) =>
    typeof lane === 'string'
      ? single(name, lane, tickMs)
      : [
          {
            ...lane,
            name,
            span: { line: 1, column: 1, length: lane.text.length },
            isClassic: true,
            sourceText: lane.text,
          },
        ],
  )
}
