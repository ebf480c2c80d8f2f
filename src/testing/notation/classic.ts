import { durationMs } from './duration.js'
import type { EventKind, Lane, LaneEvent } from './lane.js'
import { NotationError, type Problem, suggestion } from './problem.js'
import type { Span } from './span.js'

export interface ClassicOptions {
  /** What each letter stands for. @default the scenario's `values`; where it has none, each letter stands for itself */
  readonly values?: Readonly<Record<string, unknown>>
  /** What `#` errors with. @default 'error', as in RxJS */
  readonly error?: unknown
  /** What one frame is worth, in ms; 10 outside RxJS's run mode. @default 1 */
  readonly frameMs?: number
}

/** A lane that came from a classic marble string; it takes the place of a lane's text. */
export interface ClassicLane extends Omit<Lane, 'name' | 'span'> {
  readonly _tag: 'ClassicLane'
}

const kinds = new Map<string, EventKind>([
  ['|', 'complete'],
  ['#', 'error'],
  ['^', 'subscribe'],
  ['!', 'unsubscribe'],
])

const progression = /(?<=^|\s)(\d+(?:\.\d+)?)(ms|s|m)(?=\s|$)/y

/**
 * Takes over a marble string of RxJS's run mode: one letter is one event and one frame, `(ab)` goes on by its length,
 * `10ms`, `1s` and `1m` stand between spaces. A `^` in a string with events is the string's zero: what comes before it is not played.
 *
 * Stricter than RxJS in what passes silently there: a letter that `values` does not hold and a time that would be read
 * as letters are errors.
 *
 * @example
 * ```ts
 * marbles({
 *   lanes: { source: classic('-a--b|'), doubled: classic('-c--d|') },
 *   …
 * })
 * ```
 */
export const classic = (text: string, { values, error = 'error', frameMs = 1 }: ClassicOptions = {}): ClassicLane => {
  const problems: Problem[] = []
  const events: LaneEvent[] = []
  const onlySubscription = !/[^\s\-^!()\d.ms]/.test(text)
  let frame = 0
  let group: { readonly start: number; readonly frame: number } | undefined
  let zero: number | undefined
  let ended = false

  const spanOf = (start: number, length = 1): Span => ({ line: 1, column: start + 1, length })
  const complain = (start: number, message: string, length = 1) =>
    problems.push({ span: spanOf(start, length), message })
  const step = (frames: number) => {
    if (group === undefined) frame += frames
  }
  const push = (i: number, kind: EventKind, value?: { readonly value: unknown }) => {
    if (ended && kind !== 'unsubscribe') complain(i, 'nothing comes after the end')
    ended ||= kind === 'complete' || kind === 'error'
    events.push({
      atMs: frame * frameMs,
      kind,
      text: text.charAt(i),
      span: spanOf(i),
      ...(value === undefined ? (kind === 'next' ? { name: text.charAt(i) } : {}) : { literal: value }),
      ...(kind === 'unsubscribe' ? { goesFirst: true } : {}),
    })
  }

  for (let i = 0; i < text.length; i++) {
    const c = text.charAt(i)
    progression.lastIndex = i
    const time = progression.exec(text)
    if (time !== null) {
      frame += durationMs(time[1] ?? '0', time[2] ?? 'ms') / frameMs
      i += time[0].length - 1
    } else if (/\s/.test(c)) continue
    else if (c === '-') step(1)
    else if (c === '(') {
      if (group !== undefined) complain(i, 'parentheses inside parentheses')
      group = { start: i, frame }
    } else if (c === ')') {
      if (group === undefined) complain(i, 'this ")" closes nothing')
      else frame = group.frame + (i - group.start + 1)
      group = undefined
    } else if (c === '^' && !onlySubscription) {
      if (zero !== undefined) complain(i, 'a second "^"')
      zero = frame
      step(1)
    } else if (kinds.has(c)) {
      push(i, kinds.get(c) ?? 'next', c === '#' ? { value: error } : undefined)
      step(1)
    } else {
      const run = /^[\dmsh.]+/.exec(text.slice(i))?.[0] ?? ''
      if (/^\d+(\.\d+)?(ms|s|m|h)$/.test(run)) {
        complain(
          i,
          `"${run}" would be read as ${run.length} events: put spaces around it (ms, s and m only)`,
          run.length,
        )
        i += run.length - 1
        continue
      }
      if (values !== undefined && !Object.hasOwn(values, c)) {
        complain(i, `"${c}" is not in values${suggestion(c, Object.keys(values))}`)
      }
      push(i, 'next', values === undefined ? undefined : { value: values[c] })
      step(1)
    }
  }
  if (group !== undefined) complain(group.start, 'this "(" is never closed')
  if (problems.length > 0) throw new NotationError(text, problems)

  const shiftMs = (zero ?? 0) * frameMs
  return {
    _tag: 'ClassicLane',
    isReply: false,
    qualifiers: {},
    events: events.map((event) => ({ ...event, atMs: event.atMs - shiftMs })).filter(({ atMs }) => atMs >= 0),
    endMs: frame * frameMs - shiftMs,
    text: text.trim(),
  }
}
