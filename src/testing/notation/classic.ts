import { durationMs } from './duration.js'
import type { EventKind, Lane, LaneEvent } from './lane.js'
import { NotationError, type NotationProblem, suggestion } from './problem.js'
import type { TextSpan } from './span.js'

export interface ClassicOptions {
  /**
   * Value of each letter. @default the scenario's `values`; where it has none, each letter stands
   * for itself
   */
  readonly values?: Readonly<Record<string, unknown>>
  /** Error of `#`. @default 'error', as in RxJS */
  readonly error?: unknown
  /** Duration of one frame, in ms; 10 outside RxJS's run mode. @default 1 */
  readonly frameMs?: number
}

/** A lane that came from a classic marble string; it takes the place of a lane's text. */
export interface ClassicLane extends Omit<Lane, 'name' | 'span'> {
  readonly _tag: 'ClassicLane'
}

const kinds = new Map<string, EventKind>([
  ['|', 'complete'],
  ['#', 'error'],
  ['!', 'unsubscribe'],
])

const progression = /(?<=^| )(\d+(?:\.\d+)?)(ms|s|m)(?= |$)/y

/**
 * Takes over a marble string of RxJS's run mode: one letter is one event and one frame, `(ab)` goes
 * on by its length without spaces, `10ms`, `1s` and `1m` stand between spaces. A `^` in a string
 * with events is the string's zero: what comes before it is not played. As in RxJS the zero is the
 * place of `^` in the string, so spaces and times before it count by their letters.
 *
 * Stricter than RxJS in what passes silently there: a letter that `values` does not hold, a time
 * that would be read as letters, a tab or line break (RxJS reads an event) and brackets inside
 * brackets are errors. A time at the very end is a time here.
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
  const problems: NotationProblem[] = []
  const events: PlacedEvent[] = []
  let frame = 0
  let group: { readonly start: number; readonly frame: number } | undefined
  let subscription: { readonly at: number; readonly frame: number } | undefined
  let ended = false

  const spanOf = (start: number, length = 1): TextSpan => ({ line: 1, column: start + 1, length })
  const complain = (start: number, message: string, length = 1) =>
    problems.push({ span: spanOf(start, length), message })
  const push = (i: number, c: string, kind: EventKind, value?: { readonly value: unknown }) => {
    if (ended && kind !== 'unsubscribe') complain(i, 'nothing comes after the end')
    ended ||= kind === 'complete' || kind === 'error'
    events.push({
      frame,
      groupFrame: group?.frame,
      kind,
      text: c,
      span: spanOf(i, c.length),
      ...(value === undefined ? (kind === 'next' ? { name: c } : {}) : { literal: value }),
      ...(kind === 'unsubscribe' ? { goesFirst: true } : {}),
    })
  }

  for (let i = 0; i < text.length; i++) {
    // By code points, as RxJS does: a pictogram is one event.
    const c = String.fromCodePoint(text.codePointAt(i) ?? 0)
    progression.lastIndex = i
    const time = progression.exec(text)
    if (time !== null) {
      frame += durationMs(time[1] ?? '0', time[2] ?? 'ms') / frameMs
      i += time[0].length - 1
    } else if (c === ' ') continue
    else if (/\s/.test(c)) complain(i, 'RxJS reads a tab or a line break as an event: use spaces')
    else if (c === '-') frame += 1
    else if (c === '(') {
      if (group !== undefined) complain(i, 'parentheses inside parentheses')
      group = { start: i, frame }
      frame += 1
    } else if (c === ')') {
      if (group === undefined) complain(i, 'this ")" closes nothing')
      group = undefined
      frame += 1
    } else if (c === '^') {
      if (subscription !== undefined) complain(i, 'a second "^"')
      subscription = { at: i, frame: group?.frame ?? frame }
      frame += 1
    } else if (kinds.has(c)) {
      push(i, c, kinds.get(c) ?? 'next', c === '#' ? { value: error } : undefined)
      if (c !== '!') frame += 1
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
      push(i, c, 'next', values === undefined ? undefined : { value: values[c] })
      frame += 1
      i += c.length - 1
    }
  }
  if (group !== undefined) complain(group.start, 'this "(" is never closed')
  if (problems.length > 0) throw new NotationError(text, problems)

  const isOfSubscriptions = events.every(({ kind }) => kind === 'unsubscribe')
  if (subscription !== undefined && isOfSubscriptions) {
    const { at, frame: from } = subscription
    events.unshift({ frame: from, groupFrame: undefined, kind: 'subscribe', text: '^', span: spanOf(at) })
  }
  const zero = subscription === undefined || isOfSubscriptions ? 0 : subscription.at - leadingSpaces(text)
  return {
    _tag: 'ClassicLane',
    isReply: false,
    qualifiers: {},
    events: events
      .map(({ frame: own, groupFrame, ...event }) => {
        // A group that begins before the zero is none to RxJS: it takes a negative start for no
        // start.
        const isInGroup = groupFrame !== undefined && groupFrame - zero > -1
        return { ...event, atMs: ((isInGroup ? groupFrame : own) - zero) * frameMs }
      })
      .filter(({ atMs }) => atMs >= 0),
    endMs: (frame - zero) * frameMs,
    text: text.trim(),
  }
}

/** An event whose frames still count from the beginning of the string. */
interface PlacedEvent extends Omit<LaneEvent, 'atMs'> {
  readonly frame: number
  readonly groupFrame: number | undefined
}

const leadingSpaces = (text: string): number => text.length - text.replace(/^ +/, '').length
