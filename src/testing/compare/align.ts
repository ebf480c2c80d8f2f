import { formatMs } from '../notation/duration.js'
import type { LaneRecord } from '../record/lane-record.js'
import { type Difference, difference, errorDifference } from './difference.js'
import { show } from './show.js'

/** Expected records of a lane. */
export interface ExpectedRecord extends LaneRecord {
  /** As written in the lane. */
  readonly text: string
}

/** Comparison of the instants of a lane. */
export interface Strictness {
  /** Events may be this early or late, in ms. @default 0 */
  readonly withinMs?: number
  /** Only the order counts. @default false */
  readonly inOrder?: boolean
}

/** One expected record, one received record, or both, and what is to be said of them. */
export interface RecordPair {
  readonly expected?: ExpectedRecord
  readonly received?: LaneRecord
  readonly verdict: RecordVerdict
}

export type RecordVerdict =
  | { readonly _tag: 'Same' }
  /** The same event at another instant; positive is late. */
  | { readonly _tag: 'Mistimed'; readonly byMs: number }
  /** At its instant (or off it by `byMs`), but another value. */
  | { readonly _tag: 'Differs'; readonly byMs: number; readonly difference: Difference }
  | { readonly _tag: 'Missing' }
  | { readonly _tag: 'Extra' }
  /** The event did come, but on the other side of others. */
  | { readonly _tag: 'Reordered'; readonly byMs: number }

const told = ({ kind, value }: LaneRecord): string => {
  if (kind === 'complete') return 'the end'
  if (kind === 'subscribe') return 'a subscription'
  return kind === 'unsubscribe' ? 'an unsubscription' : show(value)
}

const compareRecords = (expected: ExpectedRecord, received: LaneRecord): Difference | undefined => {
  if (expected.kind !== received.kind) return { path: '', expected: told(expected), received: told(received) }
  if (expected.kind === 'error') return errorDifference(expected.value, received.value)
  return expected.kind === 'next' ? difference(expected.value, received.value) : undefined
}

/** Pairs that would cost more than to call one missing and the other extra are not made. */
const alone = 10
const otherTime = 8
/**
 * More than half of missing and extra: two events that changed places are that, and not two other
 * values.
 */
const otherValue = 10.5
const bothOff = 18

/** A table larger than this is not filled: the lanes are then compared place by place. */
const largestTable = 4_000_000

/**
 * Puts what was received beside what was expected so that as little as possible has to be said: the
 * cheapest alignment, over records and never over drawings.
 */
export const align = (
  expected: readonly ExpectedRecord[],
  received: readonly LaneRecord[],
  { withinMs = 0, inOrder = false }: Strictness = {},
): readonly RecordPair[] => {
  const offMs = (e: ExpectedRecord, r: LaneRecord): number => {
    const byMs = Number((r.atMs - e.atMs).toFixed(6))
    return inOrder || Math.abs(byMs) <= withinMs ? 0 : byMs
  }
  const judge = (e: ExpectedRecord, r: LaneRecord): RecordVerdict => {
    const byMs = offMs(e, r)
    const found = compareRecords(e, r)
    if (found !== undefined) return { _tag: 'Differs', byMs, difference: found }
    return byMs === 0 ? { _tag: 'Same' } : { _tag: 'Mistimed', byMs }
  }

  let from = 0
  const shorter = Math.min(expected.length, received.length)
  const pairs: RecordPair[] = []
  const pair = (e: ExpectedRecord, r: LaneRecord, verdict = judge(e, r)): RecordPair => ({
    expected: e,
    received: r,
    verdict,
  })
  for (; from < shorter; from++) {
    const [e, r] = [expected[from], received[from]]
    if (e === undefined || r === undefined) break
    const verdict = judge(e, r)
    if (verdict._tag !== 'Same') break
    pairs.push(pair(e, r, verdict))
  }
  const tail: RecordPair[] = []
  let [endE, endR] = [expected.length, received.length]
  while (endE > from && endR > from) {
    const [e, r] = [expected[endE - 1], received[endR - 1]]
    if (e === undefined || r === undefined) break
    const verdict = judge(e, r)
    if (verdict._tag !== 'Same') break
    tail.unshift(pair(e, r, verdict))
    endE--
    endR--
  }
  const middle = alignMiddle(expected.slice(from, endE), received.slice(from, endR), judge)
  return [...pairs, ...reordered(middle, judge), ...tail]
}

const cost = (verdict: RecordVerdict): number => {
  if (verdict._tag === 'Same') return 0
  // Near misses before far ones: of two equal events the one that came closer is the one that was
  // meant.
  if (verdict._tag === 'Mistimed') return otherTime + Math.min(1, Math.abs(verdict.byMs) / 3_600_000)
  if (verdict._tag !== 'Differs') return alone
  if (verdict.difference.path === '' && verdict.byMs !== 0) return Infinity
  return verdict.byMs === 0 ? otherValue : bothOff + Math.min(1, Math.abs(verdict.byMs) / 3_600_000)
}

const alignMiddle = (
  expected: readonly ExpectedRecord[],
  received: readonly LaneRecord[],
  judge: (e: ExpectedRecord, r: LaneRecord) => RecordVerdict,
): RecordPair[] => {
  const missing = (e: ExpectedRecord): RecordPair => ({ expected: e, verdict: { _tag: 'Missing' } })
  const extra = (r: LaneRecord): RecordPair => ({ received: r, verdict: { _tag: 'Extra' } })
  if (expected.length === 0) return received.map(extra)
  if (received.length === 0) return expected.map(missing)
  const [rows, columns] = [expected.length, received.length]
  if (rows * columns > largestTable) {
    const shorter = Math.min(rows, columns)
    return [
      ...expected.slice(0, shorter).flatMap((e, i): RecordPair[] => {
        const r = received[i]
        return r === undefined ? [missing(e)] : [{ expected: e, received: r, verdict: judge(e, r) }]
      }),
      ...expected.slice(shorter).map(missing),
      ...received.slice(shorter).map(extra),
    ]
  }
  const width = columns + 1
  const table = new Float64Array((rows + 1) * width)
  const verdicts = new Map<number, RecordVerdict>()
  const at = (i: number, j: number): number => table[i * width + j] ?? 0
  for (let i = rows; i >= 0; i--) {
    for (let j = columns; j >= 0; j--) {
      if (i === rows && j === columns) continue
      const [e, r] = [expected[i], received[j]]
      let best = Infinity
      if (e !== undefined) best = at(i + 1, j) + alone
      if (r !== undefined) best = Math.min(best, at(i, j + 1) + alone)
      if (e !== undefined && r !== undefined) {
        const verdict = judge(e, r)
        verdicts.set(i * width + j, verdict)
        best = Math.min(best, at(i + 1, j + 1) + cost(verdict))
      }
      table[i * width + j] = best
    }
  }
  const pairs: RecordPair[] = []
  let [i, j] = [0, 0]
  while (i < rows || j < columns) {
    const [e, r] = [expected[i], received[j]]
    const verdict = verdicts.get(i * width + j)
    if (e !== undefined && r !== undefined && verdict !== undefined && at(i, j) === at(i + 1, j + 1) + cost(verdict)) {
      pairs.push({ expected: e, received: r, verdict })
      i++
      j++
    } else if (e !== undefined && at(i, j) === at(i + 1, j) + alone) {
      pairs.push(missing(e))
      i++
    } else if (r !== undefined) {
      pairs.push(extra(r))
      j++
    } else break
  }
  return pairs
}

/** Turns a record that is missing in one place and extra in another into one that moved. */
const reordered = (
  pairs: readonly RecordPair[],
  judge: (e: ExpectedRecord, r: LaneRecord) => RecordVerdict,
): readonly RecordPair[] => {
  const result: (RecordPair | undefined)[] = [...pairs]
  pairs.forEach((missing, i) => {
    if (missing.verdict._tag !== 'Missing' || missing.expected === undefined) return
    const e = missing.expected
    const j = result.findIndex((other) => {
      if (other?.verdict._tag !== 'Extra' || other.received === undefined) return false
      return judge(e, other.received)._tag !== 'Differs'
    })
    const r = result[j]?.received
    if (r === undefined) return
    const verdict = judge(e, r)
    const byMs = verdict._tag === 'Mistimed' ? verdict.byMs : 0
    result[i] = { expected: e, received: r, verdict: { _tag: 'Reordered', byMs } }
    result[j] = undefined
  })
  return result.filter((each) => each !== undefined)
}

/** A verdict in words. */
export const inWords = (verdict: RecordVerdict): string => {
  const off = (byMs: number) => (byMs > 0 ? `late by ${formatMs(byMs)}` : `early by ${formatMs(-byMs)}`)
  switch (verdict._tag) {
    case 'Same':
      return 'as expected'
    case 'Mistimed':
      return off(verdict.byMs)
    case 'Missing':
      return 'missing'
    case 'Extra':
      return 'extra'
    case 'Reordered':
      return verdict.byMs === 0 ? 'reordered' : `reordered, ${off(verdict.byMs)}`
    case 'Differs': {
      const { path, expected, received } = verdict.difference
      const where = path === '' ? 'value differs' : `value differs at ${path}`
      return `${where}: expected ${expected}, received ${received}${verdict.byMs === 0 ? '' : `; and ${off(verdict.byMs)}`}`
    }
  }
}
