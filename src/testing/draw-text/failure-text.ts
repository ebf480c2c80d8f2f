import { type CallSite, place } from '../call-site.js'
import { type ExpectedRecord, inWords, type RecordPair } from '../compare/align.js'
import { brief, show, shortly } from '../compare/show.js'
import { formatMs } from '../notation/duration.js'
import type { LaneRecord } from '../record/lane-record.js'
import type { ScenarioRun, RunLane } from '../run/scenario-run.js'
import { errorText } from './error-text.js'
import { drawRows, type Row } from './axis.js'

const labelWidth = 28
const mostVerdicts = 20
/** So many instants as expected stay drawn on either side of one that is not. */
const context = 1

const wrongPairs = (lane: RunLane): readonly RecordPair[] =>
  (lane.pairs ?? []).filter(({ verdict }) => verdict._tag !== 'Same')

/**
 * Draws a matching record where it came: a lane that is compared by order alone has no instants of
 * its own.
 */
const expectedOf = (lane: RunLane): readonly ExpectedRecord[] =>
  (lane.pairs ?? [])
    .flatMap(({ expected, received, verdict }) =>
      expected === undefined
        ? []
        : [verdict._tag === 'Same' && received !== undefined ? { ...expected, atMs: received.atMs } : expected],
    )
    .sort((a, b) => a.atMs - b.atMs)

const receivedOf = (lane: RunLane): readonly LaneRecord[] => (lane.role === 'input' ? lane.subscriptions : lane.records)

const row = (run: ScenarioRun, name: string, records: readonly LaneRecord[]): Row => {
  // A cold lane ends as often as it is subscribed to.
  const last = records[records.length - 1]
  const end = last?.kind === 'complete' || last?.kind === 'error' ? last : undefined
  return {
    name,
    marks: records.map((record) => ({
      atMs: record.atMs,
      label: shortly(run.label(record), labelWidth),
    })),
    ...(end === undefined ? {} : { endsAtMs: end.atMs }),
  }
}

/** Instants at which all is as expected, away from those at which something is not. */
const farFromTrouble = (run: ScenarioRun, instants: readonly number[]): ReadonlySet<number> => {
  const trouble = new Set(
    run.lanes.flatMap((lane) => wrongPairs(lane).flatMap(({ expected, received }) => [expected?.atMs, received?.atMs])),
  )
  const near = (i: number) =>
    instants.slice(Math.max(0, i - context), i + context + 1).some((atMs) => trouble.has(atMs))
  return new Set(instants.filter((_, i) => !near(i)))
}

/** Position of the caret of a pair: at the received record, or where it was expected. */
const caretMs = ({ expected, received }: RecordPair): number => received?.atMs ?? expected?.atMs ?? 0

const failingRows = (run: ScenarioRun, lane: RunLane, wrong: readonly RecordPair[]): Row[] => {
  const what = lane.role === 'input' ? `${lane.name} ^ !` : lane.name
  return [
    row(run, `${what} expected`, expectedOf(lane)),
    row(run, `${' '.repeat(what.length)} received`, receivedOf(lane)),
    {
      name: '',
      bare: true,
      marks: wrong.slice(0, mostVerdicts).map((pair, i) => ({ atMs: caretMs(pair), label: `^${i + 1}` })),
    },
  ]
}

const drawing = (run: ScenarioRun): string => {
  const rows = run.lanes.flatMap((lane) => {
    const wrong = wrongPairs(lane)
    const itself = lane.role === 'input' || wrong.length === 0 ? [row(run, lane.name, lane.records)] : []
    return wrong.length === 0 ? itself : [...itself, ...failingRows(run, lane, wrong)]
  })
  const instants = [...new Set(rows.flatMap(({ marks }) => marks.map(({ atMs }) => atMs)))].sort((a, b) => a - b)
  return drawRows(rows, farFromTrouble(run, instants)).join('\n')
}

const timesOf = ({ expected, received }: RecordPair, inOrder: boolean): string => {
  if (expected === undefined) return `received at ${formatMs(received?.atMs ?? 0)}`
  if (received === undefined) return `expected at ${formatMs(expected.atMs)}`
  return expected.atMs === received.atMs || inOrder
    ? `at ${formatMs(received.atMs)}`
    : `expected at ${formatMs(expected.atMs)}, received at ${formatMs(received.atMs)}`
}

/** As a word where one is known, else in full: here is room for the names of the fields. */
const fullName = (run: ScenarioRun, record: LaneRecord): string => {
  const { kind, value } = record
  const label = run.label(record)
  return shortly(kind === 'next' && label === brief(value) ? show(value) : label, 120)
}

const verdictLine = (run: ScenarioRun, lane: RunLane, pair: RecordPair, number: number): string => {
  const { expected, received, verdict } = pair
  const name = expected?.text ?? (received === undefined ? '' : fullName(run, received))
  const line = `    ^${number} ${name}: ${inWords(verdict)} (${timesOf(pair, lane.script.qualifiers.inOrder === true)})`
  if (received?.kind !== 'error') return line
  // A label names the class alone. The message says what to do, and the stack where: it is most
  // often a fault of the pipeline.
  const reason = verdict._tag === 'Mistimed' ? reasonOf(received.value) : errorText(received.value)
  return line.includes(reason) ? line : `${line}\n${reason.replace(/^/gm, '       ')}`
}

const reasonOf = (error: unknown): string => (error instanceof Error ? shortly(error.message, 200) : '')

const recordLines = (name: string, records: readonly LaneRecord[]): string[] =>
  records
    .slice(0, mostVerdicts)
    .map(({ atMs, kind, value }) =>
      `      ${name} ${formatMs(atMs)} ${kind} ${value === undefined ? '' : shortly(show(value), 200)}`.trimEnd(),
    )

const verdicts = (run: ScenarioRun, lane: RunLane, site: CallSite | undefined): string => {
  const wrong = wrongPairs(lane)
  const where = place(site, lane.script.sourceText, lane.script.span.line)
  const lines = [
    `  ${lane.name}${where === undefined ? '' : ` (${where})`}: ${wrong.length} of ${lane.pairs?.length ?? 0} not as expected`,
    ...wrong.slice(0, mostVerdicts).map((pair, i) => verdictLine(run, lane, pair, i + 1)),
  ]
  if (wrong.length > mostVerdicts) lines.push(`    and ${wrong.length - mostVerdicts} more`)
  const [expected, received] = [expectedOf(lane), receivedOf(lane)]
  const alone = (records: readonly LaneRecord[]) => drawRows([row(run, '', records)]).join('\n')
  if (alone(expected) === alone(received)) {
    lines.push(
      '    Both are drawn alike; the records:',
      ...recordLines('expected', expected),
      ...recordLines('received', received),
    )
  }
  return lines.join('\n')
}

/**
 * Draws the failure of a run: the lanes on one axis, carets, messages, and the place of each lane.
 */
export const failureText = (run: ScenarioRun, site: CallSite | undefined): string => {
  const faults = run.faults.map(({ message, lane }) => {
    const where = lane === undefined ? undefined : place(site, lane.sourceText, lane.span.line)
    return where === undefined ? message : `${message} (${where})`
  })
  const failing = run.lanes.filter((lane) => wrongPairs(lane).length > 0)
  const drawn = failing.length === 0 ? [] : [drawing(run), ...failing.map((lane) => verdicts(run, lane, site))]
  return [...faults, ...drawn].join('\n\n')
}
