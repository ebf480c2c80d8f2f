import { isObservable, type Observable, type SchedulerAction, type SchedulerLike } from 'rxjs'
import {
  type Entropy,
  exactDelays,
  StillRunning,
  VirtualScheduler,
  virtualClock,
  withVirtualTime,
} from '../../time/index.js'
import { show } from '../compare/show.js'
import { asTaken, Snapshots } from '../compare/snapshot.js'
import { type Asserted, judge } from './evaluate.js'
import { formatMs } from '../notation/duration.js'
import { isGatewayLane, readGatewayLanes } from '../gateway/gateway-lanes.js'
import { ScriptedGateway } from '../gateway/scripted-gateway.js'
import { connect, type Gateway } from '../../client/index.js'
import { watchEscapes } from './escape-watch.js'
import { errorText } from '../draw-text/error-text.js'
import { escapeFaults, neverDone, nothingAsserted, realClockFault, timersLeft } from './faults.js'
import { PlayedLanes } from './played-lanes.js'
import type { Leaving, SubscriptionRecord } from '../record/input-lane.js'
import { isEvent } from '../record/lane-record.js'
import { Observed } from '../record/observed.js'
import { watchRealClock } from './real-clock-watch.js'
import { resolve } from './resolve.js'
import type { ScenarioFault, ScenarioRun } from './scenario-run.js'
import { type ScenarioContext, type ScenarioOutputs, type Scenario, SubscriptionsOf } from '../scenario.js'
import { readLanes } from '../script.js'

const defaultUntilMs = 3_600_000
const defaultMaxActions = 100_000
/**
 * Grace after unsubscribing, before remaining timers count as left: a logout waits for orders in
 * flight.
 */
const windDownMs = 60_000

/**
 * The lanes' own view of the scheduler: an event after 30 days comes after 30 days, though no timer
 * could wait for it.
 */
const keepingDelays = (scheduler: VirtualScheduler): SchedulerLike => ({
  now: () => scheduler.now(),
  schedule: <T>(work: (this: SchedulerAction<T>, state?: T) => void, delay?: number, state?: T) =>
    scheduler.scheduleAs(exactDelays, work, delay, state),
})

/** Repeats and can be read: for tests, where a random cid would make every run another. */
const pinnedEntropy = (): Entropy => {
  let ids = 0
  return { uniform: () => 0.5, id: () => `c${++ids}` }
}

/**
 * Runs a scenario in virtual time and compares. Throws a NotationError if the lanes cannot be read;
 * the returned run reports every other fault.
 */
export const runScenario = (scenario: Scenario): ScenarioRun => {
  const lanes = readLanes(scenario.lanes, scenario.tickMs)
  const gatewayLanes = readGatewayLanes(lanes.filter(isGatewayLane))
  const resolved = resolve(lanes, gatewayLanes, scenario)
  const snapshots = new Snapshots()
  // Before the run: a pipeline that changes what it is given must not change what is expected of
  // it.
  const before = new Map([...resolved].map(([name, all]) => [name, all.map(({ value }) => snapshots.take(value))]))
  /** The records of a lane with their values as they were before the run. */
  const asWritten = (name: string) =>
    (resolved.get(name) ?? []).map((record, i) => ({ ...record, value: asTaken(record.value, before.get(name)?.[i]) }))
  const scheduler = new VirtualScheduler({ platformTimers: true })
  const exact = keepingDelays(scheduler)
  const startMs = scenario.startMs ?? 0
  const gateway = lanes.some(isGatewayLane)
    ? new ScriptedGateway(gatewayLanes, { scheduler: exact, startMs })
    : undefined
  const untilMs = scenario.untilMs ?? defaultUntilMs
  const faults: ScenarioFault[] = []
  const leaving: Leaving = { isLeaving: false }
  const inputs = new PlayedLanes(lanes, resolved, exact, leaving)
  let stillRunning: StillRunning | undefined
  let endMs = 0
  /** As they are before the kit itself unsubscribes. */
  const subscriptions = new Map<string, readonly SubscriptionRecord[]>()

  /** Actions of `at` that have not run yet. */
  const appointments = new Set<{ readonly atMs: number }>()

  let shared: Gateway | undefined
  const kit: ScenarioContext = {
    hot: <T>(name: string) => inputs.play(name, 'hot') as Observable<T>,
    cold: <T>(name: string) => inputs.play(name, 'cold') as Observable<T>,
    subscriptions: (name) => new SubscriptionsOf(name),
    lanes: lanes.map(({ name }) => name),
    at: (ms, action) => {
      const appointment = { atMs: ms }
      appointments.add(appointment)
      exact.schedule(function atInstant() {
        appointments.delete(appointment)
        action()
      }, ms - scheduler.now())
    },
    scheduler,
    clock: virtualClock(scheduler, { startMs }),
    entropy: pinnedEntropy(),
    get gateway() {
      if (gateway !== undefined) return gateway.transport
      throw new Error('there is no gateway: write a lane "server", "client" or, say, "login →"')
    },
    connect: (options) => {
      const { clock, entropy } = kit
      return connect(kit.gateway, { clock, entropy, scheduler, ...options })
    },
    // One gateway for all logins, as in a program: they share its socket.
    login: (credentials, options = {}) => {
      const { market, cancelOnDisconnect, exclusiveAccount, resyncEveryMs, journal, ...connection } = options
      const given = { market, cancelOnDisconnect, exclusiveAccount, resyncEveryMs, journal }
      const isShared = Object.keys(connection).length === 0
      return (isShared ? (shared ??= kit.connect()) : kit.connect(connection)).login(
        {
          ...{ platform: 'paper', symbols: ['BTC/USDT'], access_key: 'access-key', secret_key: 'secret-key' },
          ...credentials,
        },
        Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
      )
    },
  }

  const observed: Observed[] = []
  const asserted: Asserted[] = []
  const begins: { readonly atMs: number; readonly begin: () => void }[] = []
  const ends: (number | undefined)[] = []
  const stops: { readonly atMs: number; readonly stop: () => void }[] = []

  const assertLane = (name: string, output: ScenarioOutputs[string]) => {
    const lane = lanes.find((each) => each.name === name)
    if (lane === undefined) {
      faults.push({
        kind: 'lane-unknown',
        message: `run returns "${name}", but there is no such lane; there are ${lanes.map((each) => each.name).join(', ')}`,
      })
      return
    }
    const records = resolved.get(name) ?? []
    if (output instanceof SubscriptionsOf) {
      if (!inputs.lanes.has(output.lane)) {
        faults.push({
          kind: 'lane-misused',
          lane,
          message: `"${name}" tells the subscriptions to "${output.lane}", which is not played`,
        })
        return
      }
      asserted.push({
        lane,
        tellsSubscriptions: true,
        expected: () => asWritten(name),
        received: () => (subscriptions.get(output.lane) ?? []).filter(({ byEnd }) => lane.isClassic || !byEnd),
      })
      return
    }
    if (!isObservable(output)) {
      faults.push({
        kind: 'lane-misused',
        lane,
        message: `run returns ${show(output)} for "${name}"; it should be an observable`,
      })
      return
    }
    if (inputs.lanes.has(name)) {
      faults.push({
        kind: 'lane-misused',
        lane,
        message: `"${name}" is played and asserted: a lane can be one of the two`,
      })
      return
    }
    const it = new Observed(output, scheduler, snapshots)
    observed.push(it)
    asserted.push({ lane, expected: () => asWritten(name).filter(isEvent), received: () => it.records() })
    const [begin, ...moreBegins] = records.filter(({ kind }) => kind === 'subscribe')
    const [end, ...moreEnds] = records.filter(({ kind }) => kind === 'unsubscribe')
    if (moreBegins.length + moreEnds.length > 0) {
      faults.push({
        kind: 'lane-misused',
        lane,
        message: `"${name}" is subscribed to once: it can have one ^ and one !`,
      })
    }
    ends.push(end?.atMs)
    begins.push({ atMs: begin?.atMs ?? 0, begin: () => it.subscribe() })
    if (end === undefined) return
    const goesFirst = lane.events.some((event) => event.kind === 'unsubscribe' && event.goesFirst === true)
    if (goesFirst) {
      begins.push({ atMs: end.atMs, begin: () => leave(() => it.unsubscribe()) })
    } else stops.push({ atMs: end.atMs, stop: () => it.unsubscribe() })
  }
  const noteThrown = (error: unknown) =>
    faults.push({
      kind: 'threw',
      message: `at ${formatMs(scheduler.now())} something threw: ${errorText(error)}`,
      error,
    })
  /** Unsubscribes for the kit; what a teardown throws is noted, and the rest goes on. */
  const leave = (stop: () => void) => {
    leaving.isLeaving = true
    try {
      stop()
    } catch (error) {
      noteThrown(error)
    } finally {
      leaving.isLeaving = false
    }
  }
  /** Runs up to and at an instant; whatever throws on the way is noted, and the rest goes on. */
  const advance = (toMs: number): 'quiet' | 'time' | 'actions' => {
    for (let thrown = 0; ; ) {
      try {
        scheduler.flush({ untilMs: toMs, maxActions: scenario.maxActions ?? defaultMaxActions })
        return 'quiet'
      } catch (error) {
        if (error instanceof StillRunning) {
          if (error.limit === 'actions') {
            faults.push({ kind: 'still-running', message: error.message })
          } else stillRunning = error
          return error.limit
        }
        noteThrown(error)
        if (++thrown >= 10) return 'actions'
      }
    }
  }
  /**
   * A flush leaves the clock at its last action; whatever is done at an instant must be done then.
   */
  const passUntil = (ms: number) => {
    if (ms > scheduler.now()) scheduler.advanceTo(ms)
  }

  const body = () => {
    let outputs: ScenarioOutputs
    try {
      outputs = scenario.run(kit)
    } catch (error) {
      faults.push({ kind: 'run-threw', message: `run threw: ${errorText(error)}`, error })
      return
    }
    // The type forbids it, but a test in JavaScript, or one with a cast, does it all the same.
    const returned: unknown = outputs
    if (
      typeof returned !== 'object' ||
      returned === null ||
      typeof (returned as { then?: unknown }).then === 'function'
    ) {
      faults.push(
        typeof returned === 'object' && returned !== null
          ? { kind: 'async-run', message: 'run returned a promise: what comes after an await is out of virtual time' }
          : nothingAsserted,
      )
      return
    }
    for (const [name, output] of Object.entries(outputs)) assertLane(name, output)
    if (asserted.length === 0 && gatewayLanes.clients.length === 0) faults.push(nothingAsserted)
    for (const { atMs, begin } of begins.filter((each) => each.atMs > 0)) {
      exact.schedule(function beginOrEnd() {
        begin()
      }, atMs)
    }
    inputs.start()
    for (const { atMs, begin } of begins) if (atMs === 0) begin()

    const inTime = [...stops].sort((a, b) => a.atMs - b.atMs).filter(({ atMs }) => atMs <= untilMs)
    let left: ReturnType<typeof advance> = 'quiet'
    for (const { atMs, stop } of inTime) {
      left = advance(atMs)
      if (left === 'actions') break
      passUntil(atMs)
      leave(stop)
    }
    if (left !== 'actions') left = advance(untilMs)
    endMs = scheduler.now()
    if (left === 'time' && scenario.untilMs === undefined) {
      faults.push({
        kind: 'still-running',
        message: `the run has not become quiet within ${formatMs(defaultUntilMs)}: give untilMs, or end a lane with "!"\n${stillRunning?.message ?? ''}`,
      })
    }
    if (left === 'time') {
      passUntil(untilMs)
      endMs = untilMs
    }
    gateway?.freeze()
    for (const [name, lane] of inputs.lanes) subscriptions.set(name, [...lane.subscriptions])
    if (left === 'time') for (const { atMs } of appointments) faults.push(neverDone(atMs, endMs))
    for (const each of observed) leave(() => each.unsubscribe())
    // Reports work that the unsubscription began, and errors that no subscriber received.
    if (
      left !== 'actions' &&
      advance(endMs + windDownMs) === 'time' &&
      !(left === 'time' && scenario.untilMs === undefined)
    )
      faults.push(timersLeft(endMs, windDownMs, stillRunning?.message ?? ''))
  }

  const dates = watchRealClock(() => startMs + scheduler.now())
  const watch = watchEscapes()
  try {
    withVirtualTime(scheduler, body, { startMs })
  } finally {
    watch.stop()
    dates.stop()
  }
  if (scenario.allowPromises !== true) faults.push(...escapeFaults(watch))
  if (dates.places.length > 0) faults.push(realClockFault(dates.places))
  return judge({
    lanes,
    resolved: new Map([...resolved.keys()].map((name) => [name, asWritten(name)])),
    inputs: inputs.lanes,
    subscriptions,
    asserted,
    faults,
    endMs,
    untilMs: scenario.untilMs,
    leftAtMs: gatewayLanes.clients.length > 0 ? Infinity : lastEnd(ends),
    gateway,
  })
}

/** The instant of the last `!` of all; Infinity where a lane has none. */
const lastEnd = (ends: readonly (number | undefined)[]): number => Math.max(0, ...ends.map((atMs) => atMs ?? Infinity))
