import { align, type ExpectedRecord } from '../compare/align.js'
import { formatMs } from '../notation/duration.js'
import type { ScriptedGateway } from '../gateway/scripted-gateway.js'
import { neverPlayed } from './never-played.js'
import type { InputLane, SubscriptionRecord } from '../record/input-lane.js'
import { isEvent, type LaneRecord } from '../record/lane-record.js'
import type { ScenarioFault, ScenarioRun, RunLane } from './scenario-run.js'
import type { ScriptLane } from '../script.js'
import { difference, errorDifference } from '../compare/difference.js'
import { brief, className, show } from '../compare/show.js'

const marks = { complete: '|', subscribe: '^', unsubscribe: '!' } as const

/**
 * Writes records as the lanes of a script do: by the words that stand for equal values, else by the
 * value itself.
 */
export class Labels {
  readonly #known: { readonly record: LaneRecord; readonly text: string }[] = []

  learn(record: LaneRecord, text: string): void {
    if (record.kind !== 'next' && record.kind !== 'error') return
    if (this.#known.some((known) => known.text === text)) return
    this.#known.push({ record, text })
  }

  of(record: LaneRecord): string {
    if (record.kind !== 'next' && record.kind !== 'error') return marks[record.kind]
    const known = this.#known.find(
      ({ record: { kind, value } }) =>
        kind === record.kind &&
        (kind === 'error' ? errorDifference(value, record.value) : difference(value, record.value)) === undefined,
    )
    if (known !== undefined) return known.text
    if (record.kind === 'next') return brief(record.value)
    const error = record.value
    return `#${typeof error === 'object' && error !== null ? (className(error) ?? 'error') : show(error)}`
  }
}

/** A lane, and what is to be compared with it. */
export interface Asserted {
  readonly lane: ScriptLane
  /** It tells the subscriptions to an input. */
  readonly tellsSubscriptions?: boolean
  readonly expected: () => readonly ExpectedRecord[]
  readonly received: () => readonly LaneRecord[]
}

/** Resources that a run left behind. */
export interface Played {
  readonly lanes: readonly ScriptLane[]
  readonly resolved: ReadonlyMap<string, readonly ExpectedRecord[]>
  readonly inputs: ReadonlyMap<string, InputLane>
  readonly subscriptions: ReadonlyMap<string, readonly SubscriptionRecord[]>
  readonly asserted: readonly Asserted[]
  readonly faults: readonly ScenarioFault[]
  readonly endMs: number
  readonly untilMs: number | undefined
  /** Instant of the last `!` of the asserted lanes; Infinity where one has none. */
  readonly leftAtMs: number
  readonly gateway: ScriptedGateway | undefined
}

/** Compares what was played, and refuses what proves nothing. */
export const judge = ({
  lanes,
  resolved,
  inputs,
  subscriptions: allSubscriptions,
  asserted,
  faults: before,
  endMs,
  untilMs,
  leftAtMs,
  gateway,
}: Played): ScenarioRun => {
  const faults = [...before]
  const labels = new Labels()
  for (const records of resolved.values()) for (const record of records) labels.learn(record, record.text)
  const ran = !before.some(({ kind }) => kind === 'async-run' || kind === 'run-threw')

  const spoken = gateway?.outcome()
  faults.push(...(spoken?.faults ?? []))
  const isTold =
    asserted.some(({ tellsSubscriptions }) => tellsSubscriptions === true) ||
    [...inputs.keys()].some((name) => resolved.get(name)?.some(({ kind }) => kind === 'unsubscribe') === true)
  let happened = 0
  const runLanes = lanes.map((lane): RunLane => {
    const said = spoken?.lanes.get(lane)
    if (said !== undefined) {
      happened += said.records.length
      return said
    }
    const input = inputs.get(lane.name)
    const as = asserted.find((each) => each.lane === lane)
    const records = resolved.get(lane.name) ?? []
    if (input !== undefined) {
      happened += input.delivered.length
      const subscriptions = allSubscriptions.get(lane.name) ?? []
      const marks = records.filter((record) => !isEvent(record))
      const theirs = subscriptions.filter(({ byEnd }) => !byEnd)
      const pairs = marks.length === 0 ? undefined : align(marks, theirs, lane.qualifiers)
      faults.push(...inputFaults(lane, input, records), ...neverPlayed(lane, input, { untilMs, leftAtMs, isTold }))
      const played =
        input.kind === 'hot' ? records.filter(isEvent).filter(({ atMs }) => atMs <= endMs) : input.delivered
      return { name: lane.name, role: 'input', script: lane, records: played, pairs, subscriptions }
    }
    if (as === undefined) {
      if (ran)
        faults.push({ kind: 'lane-unused', lane, message: `the lane "${lane.name}" is neither played nor asserted` })
      return { name: lane.name, role: 'output', script: lane, records: [], pairs: undefined, subscriptions: [] }
    }
    const [expected, received] = [as.expected(), as.received()]
    happened += received.length
    if (expected.length === 0 && lane.qualifiers.silent !== true) {
      faults.push({
        kind: 'no-event',
        lane,
        message: `the lane "${lane.name}" expects nothing: write [silent] after its name if that is meant`,
      })
    }
    const late = records.find(({ atMs }) => untilMs !== undefined && atMs > untilMs)
    if (late !== undefined) {
      faults.push({
        kind: 'lane-misused',
        lane,
        message: `the lane "${lane.name}" expects ${late.text} at ${formatMs(late.atMs)}, but the run ends at ${formatMs(untilMs ?? 0)}`,
      })
    }
    const promise = received.find(({ value }) => isThenable(value))
    if (promise !== undefined) {
      faults.push({
        kind: 'promise',
        lane,
        message: `the lane "${lane.name}" emitted a promise at ${formatMs(promise.atMs)}: its result is not observed`,
      })
    }
    const pairs = align(expected, received, lane.qualifiers)
    return { name: lane.name, role: 'output', script: lane, records: received, pairs, subscriptions: [] }
  })
  if (ran && happened === 0) {
    faults.push({
      kind: 'nothing-happened',
      message: 'nothing happened: no event was seen on any lane, so nothing is proven',
    })
  }
  const differs = runLanes.some(({ pairs }) => pairs?.some(({ verdict }) => verdict._tag !== 'Same') === true)
  return {
    lanes: runLanes,
    faults,
    endMs,
    passed: faults.length === 0 && !differs,
    label: (record) => record.text ?? labels.of(record),
  }
}

const isThenable = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'

const inputFaults = (lane: ScriptLane, input: InputLane, records: readonly LaneRecord[]): ScenarioFault[] => {
  const faults: ScenarioFault[] = []
  const subscribed = input.subscriptions.length > 0
  if (!subscribed && lane.qualifiers.neverSubscribed !== true) {
    faults.push({
      kind: 'not-subscribed',
      lane,
      message: `nothing subscribed to the lane "${lane.name}": write [never subscribed] after its name if that is meant`,
    })
  }
  if (subscribed && lane.qualifiers.neverSubscribed === true) {
    const first = input.subscriptions[0]
    faults.push({
      kind: 'lane-misused',
      lane,
      message: `the lane "${lane.name}" is said to be never subscribed, but was at ${formatMs(first?.atMs ?? 0)}`,
    })
  }
  if (!records.some(isEvent) && lane.qualifiers.silent !== true) {
    faults.push({
      kind: 'no-event',
      lane,
      message: `the lane "${lane.name}" has no event to play: write [silent] after its name if that is meant`,
    })
  }
  if (input.kind === 'cold' && records.some((record) => !isEvent(record))) {
    faults.push({
      kind: 'lane-misused',
      lane,
      message: `the lane "${lane.name}" is cold, its times count from each subscription: assert its ^ and ! in a lane of their own, by subscriptions("${lane.name}")`,
    })
  }
  return faults
}
