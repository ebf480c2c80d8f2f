import { durationMs, durationPattern } from './duration.js'
import type { LaneEvent } from './lane.js'
import { type NotationArgument, closes, literal, numberPattern, readArguments } from './literal.js'
import type { NotationProblem } from './problem.js'
import type { TextSpan } from './span.js'

const namePattern = /[A-Za-z_$](?:[\w$.]|[:/](?=[\w$]))*/y
const spacePattern = /\s+/y
const dashPattern = /-+/y

const constants = new Map<string, NotationArgument>([
  ['true', true],
  ['false', false],
  ['null', null],
  ['undefined', undefined],
])

/** The events of one lane, the instant of each, and what could not be read. */
export interface EventsRead {
  readonly events: readonly LaneEvent[]
  readonly endMs: number
  readonly problems: readonly NotationProblem[]
}

/** Reads events and gaps. `spanOf` tells where a stretch of `text` stands in the whole. */
export const parseEvents = (
  text: string,
  spanOf: (start: number, length: number) => TextSpan,
  tickMs: number | undefined,
): EventsRead => {
  const events: LaneEvent[] = []
  const problems: NotationProblem[] = []
  let nowMs = 0
  let i = 0
  let group: { readonly start: number; readonly size: number } | undefined
  let ended: LaneEvent | undefined

  const complain = (start: number, length: number, message: string) =>
    problems.push({ span: spanOf(start, length), message })
  const match = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = i
    return pattern.exec(text) ?? undefined
  }
  const gap = (length: number, ms: number) => {
    if (group !== undefined) complain(i, length, 'a gap inside ( ): what stands in parentheses is one instant')
    else nowMs = Number((nowMs + ms).toFixed(6))
    i += length
  }
  const event = (length: number, it: Pick<LaneEvent, 'kind' | 'name' | 'args' | 'literal'>) => {
    const found: LaneEvent = { atMs: nowMs, text: text.slice(i, i + length), span: spanOf(i, length), ...it }
    if (ended !== undefined && it.kind !== 'unsubscribe') {
      complain(i, length, `nothing comes after "${ended.text}"`)
    } else {
      events.push(found)
      if (it.kind === 'complete' || it.kind === 'error') ended = found
    }
    i += length
  }
  /** A name at `i + skip`, with its arguments. */
  const word = (skip: number): { length: number; name?: string; args?: NotationArgument[] } => {
    namePattern.lastIndex = i + skip
    const name = namePattern.exec(text)?.[0]
    if (name === undefined) return { length: skip }
    const after = i + skip + name.length
    if (text.charAt(after) !== '(') return { length: skip + name.length, name }
    const end = closes(text, after)
    if (end === undefined) {
      complain(after, 1, `the "(" of ${name} is never closed`)
      return { length: text.length - i, name, args: [] }
    }
    return { length: end + 1 - i, name, args: readArguments(text.slice(after + 1, end)) }
  }

  while (i < text.length) {
    const c = text.charAt(i)
    const space = match(spacePattern)
    if (space !== undefined) {
      i += space[0].length
      continue
    }
    const duration = match(durationPattern)
    if (duration !== undefined) {
      gap(duration[0].length, durationMs(duration[1] ?? '0', duration[2] ?? 'ms'))
      continue
    }
    // Without a tick a dash can only be a sign.
    const number = c !== '-' || tickMs === undefined ? match(numberPattern) : undefined
    if (number !== undefined) {
      event(number[0].length, { kind: 'next', literal: { value: Number(number[0]) } })
      continue
    }
    const dashes = match(dashPattern)
    if (dashes !== undefined) {
      if (tickMs === undefined) {
        complain(
          i,
          dashes[0].length,
          'a dash is one tick, but no tick is declared: give tickMs, or write a gap as 250ms',
        )
      }
      gap(dashes[0].length, dashes[0].length * (tickMs ?? 0))
      continue
    }
    if (c === '(') {
      if (group !== undefined) complain(i, 1, 'parentheses inside parentheses: one instant has no parts')
      else group = { start: i, size: events.length }
      i++
      continue
    }
    if (c === ')') {
      if (group === undefined) complain(i, 1, 'this ")" closes nothing')
      else if (events.length === group.size) complain(group.start, i + 1 - group.start, 'an instant without an event')
      group = undefined
      i++
      continue
    }
    if (c === '|') {
      event(1, { kind: 'complete' })
      continue
    }
    if (c === '^') {
      event(1, { kind: 'subscribe' })
      continue
    }
    if (c === '!') {
      event(1, { kind: 'unsubscribe' })
      continue
    }
    if (c === '#') {
      const { length, ...named } = word(1)
      if (named.name === undefined) complain(i, 1, 'an error needs a name: #timeout, say, with its value in `errors`')
      event(length, { kind: 'error', ...named })
      continue
    }
    const { length, ...named } = word(0)
    if (named.name !== undefined) {
      const constant = named.args === undefined && constants.has(named.name)
      event(length, {
        kind: 'next',
        ...(constant ? { literal: { value: constants.get(named.name) } } : named),
      })
      continue
    }
    const end = '\'"[{'.includes(c) ? closes(text, i) : undefined
    if (end !== undefined) {
      event(end + 1 - i, { kind: 'next', literal: { value: literal(text.slice(i, end + 1)) } })
      continue
    }
    const stray = /^\S[^\s()|!^#-]*/.exec(text.slice(i))?.[0] ?? c
    complain(i, stray.length, strayWords(stray))
    i += stray.length
  }
  if (group !== undefined) complain(group.start, 1, 'this "(" is never closed')
  problems.push(...mixedNumbers(events))
  return { events, endMs: nowMs, problems }
}

const strayWords = (stray: string): string => {
  const unit = /^(\d+(?:\.\d+)?)([A-Za-z]+)$/.exec(stray)
  return unit === null
    ? `"${stray}" means nothing here`
    : `"${stray}" means nothing here: a gap is a number with ms, s, m or h, and a name begins with a letter`
}

/** A bare number among names is far more likely a gap that lost its unit than a value. */
const mixedNumbers = (events: readonly LaneEvent[]): NotationProblem[] => {
  const next = events.filter(({ kind }) => kind === 'next')
  if (!next.some(({ name }) => name !== undefined)) return []
  return next
    .filter(({ literal }) => typeof literal?.value === 'number')
    .map(({ span, text }) => ({
      span,
      message: `a bare number among named events: write ${text}ms if it is a gap, or give it a name if it is a value`,
    }))
}
