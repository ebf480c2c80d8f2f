import { durationMs, durationPattern } from './duration.js'
import type { Lane, LaneQualifiers } from './lane.js'
import { parseEvents } from './parse-events.js'
import { NotationError, type NotationProblem } from './problem.js'
import type { TextSpan } from './span.js'

export interface ParseOptions {
  /** Duration of one dash, in ms. @default none: a dash is then an error */
  readonly tickMs?: number
}

interface RawLane {
  readonly lines: { readonly number: number; readonly text: string }[]
}

const withoutComment = (line: string): string => {
  let quote: string | undefined
  for (let i = 0; i < line.length; i++) {
    const c = line.charAt(i)
    if (quote !== undefined) {
      if (c === '\\') i++
      else if (c === quote) quote = undefined
    } else if (c === "'" || c === '"') quote = c
    // `a//b` is part of a word; a comment stands alone.
    else if (line.startsWith('//', i) && (i === 0 || /\s/.test(line.charAt(i - 1)))) return line.slice(0, i)
  }
  return line
}

const indentOf = (line: string): number => line.length - line.trimStart().length

/** A line that is indented deeper than the first lane goes on with the lane above it. */
const rawLanes = (text: string): RawLane[] => {
  const lanes: RawLane[] = []
  let base: number | undefined
  text.split('\n').forEach((raw, index) => {
    const line = withoutComment(raw).trimEnd()
    if (line.trim() === '') return
    base ??= indentOf(line)
    const above = lanes[lanes.length - 1]
    const numbered = { number: index + 1, text: line }
    if (above !== undefined && indentOf(line) > base) above.lines.push(numbered)
    else lanes.push({ lines: [numbered] })
  })
  return lanes
}

const headPattern = /^(\s*)(\S+?)(\s*(?:→|->))?((?:\s+\[(?:within|in order|silent|never subscribed)[^\]]*\])*)(?=\s|$)/
const qualifierPattern = /\[([^\]]*)\]/g

const readQualifiers = (text: string, at: TextSpan): { qualifiers: LaneQualifiers; problems: NotationProblem[] } => {
  let qualifiers: LaneQualifiers = {}
  const problems: NotationProblem[] = []
  for (const [whole, inner = ''] of text.matchAll(qualifierPattern)) {
    const it = inner.trim().replace(/\s+/g, ' ')
    const within = /^within (\S+)$/.exec(it)?.[1]
    durationPattern.lastIndex = 0
    const duration = within === undefined ? null : durationPattern.exec(within)
    if (it === 'in order') qualifiers = { ...qualifiers, inOrder: true }
    else if (it === 'silent') qualifiers = { ...qualifiers, silent: true }
    else if (it === 'never subscribed') qualifiers = { ...qualifiers, neverSubscribed: true }
    else if (duration !== null && duration[0] === within) {
      qualifiers = { ...qualifiers, withinMs: durationMs(duration[1] ?? '0', duration[2] ?? 'ms') }
    } else {
      problems.push({
        span: { ...at, length: whole.length },
        message: `${whole} is none of [within 50ms], [in order], [silent], [never subscribed]`,
      })
    }
  }
  return { qualifiers, problems }
}

const parseLane = ({ lines }: RawLane, tickMs: number | undefined): { lane: Lane; problems: NotationProblem[] } => {
  const [first, ...rest] = lines
  const head = headPattern.exec(first?.text ?? '')
  const indent = head?.[1] ?? ''
  const name = head?.[2] ?? ''
  const number = first?.number ?? 1
  const body = [{ number, from: head?.[0].length ?? 0, text: (first?.text ?? '').slice(head?.[0].length ?? 0) }]
  for (const line of rest) body.push({ number: line.number, from: 0, text: line.text })
  const text = body.map((line) => line.text).join('\n')

  const spanOf = (start: number, length: number): TextSpan => {
    let before = 0
    for (const line of body) {
      if (start <= before + line.text.length) {
        return {
          line: line.number,
          column: line.from + start - before + 1,
          length: Math.min(length, line.text.length - (start - before)),
        }
      }
      before += line.text.length + 1
    }
    return { line: number, column: 1, length }
  }
  const span: TextSpan = { line: number, column: indent.length + 1, length: name.length }
  const { qualifiers, problems } = readQualifiers(head?.[4] ?? '', span)
  const read = parseEvents(text, spanOf, tickMs)
  const lane: Lane = {
    name,
    isReply: head?.[3] !== undefined,
    qualifiers,
    events: read.events,
    endMs: read.endMs,
    text: text.trim().replace(/\s+/g, ' '),
    span,
  }
  return { lane, problems: [...problems, ...read.problems] }
}

/**
 * Reads lanes in the notation of `LanesText`. Throws a NotationError that lists every problem with
 * its line and column.
 */
export const parseLanes = (text: string, { tickMs }: ParseOptions = {}): readonly Lane[] => {
  const parsed = rawLanes(text).map((raw) => parseLane(raw, tickMs))
  const problems = parsed.flatMap((each) => each.problems)
  const lanes = parsed.map(({ lane }) => lane)
  const seen = new Set<string>()
  for (const lane of lanes) {
    const key = lane.isReply ? `${lane.name} →` : lane.name
    if (seen.has(key)) problems.push({ span: lane.span, message: `there are two lanes named "${key}"` })
    seen.add(key)
  }
  if (lanes.length === 0) problems.push({ span: { line: 1, column: 1, length: 1 }, message: 'there is no lane' })
  if (problems.length > 0) throw new NotationError(text, problems)
  return lanes
}
