import { asyncScheduler, type SchedulerLike } from 'rxjs'
import type { FailureReply } from '../protocol/index.js'
import { LONGEST_TIMER_MS } from '../operators/internal.js'
import { ageMs, type Clock, type Entropy, instant } from '../time/index.js'
import { systemClock, systemEntropy } from '../transport/index.js'
import { isDefiniteRefusal } from './errors/definite-refusal.js'

/** Settings of a connection. Every duration is in milliseconds. */
export interface ConnectOptions {
  /** Longest wait for a socket to open. @default 10_000 */
  readonly connectTimeoutMs?: number
  /**
   * Time between two pings. The server closes a socket that it has heard nothing from for 15 s.
   * @default 5_000
   */
  readonly pingEveryMs?: number
  /** Silence, or a ping unanswered, for this long means that the socket is dead. @default 11_000 */
  readonly deadAfterMs?: number
  /** Longest wait for a reply. @default 10_000 */
  readonly requestTimeoutMs?: number
  /** Longest wait of an order to be written; then it ends NotSent. @default 5_000 */
  readonly orderMaxAgeMs?: number
  /** Longest wait of a query or a cancel to be written; then it ends NotSent. @default 60_000 */
  readonly queryMaxAgeMs?: number
  /** Longest wait of a login for READY; then it fails. @default 60_000 */
  readonly readyTimeoutMs?: number
  /**
   * Time in which `Do not log in repeat` is met with another try on a first login; then it fails.
   * @default 45_000
   */
  readonly repeatLoginWithinMs?: number
  /** Time to look for proof of an order's outcome before it ends Unresolved. @default 10_000 */
  readonly resolveWithinMs?: number
  /** Longest wait of orders, after a drop, for new snapshots. @default 3_000 */
  readonly resyncWithinMs?: number
  /** Longest wait of a login's end for what is in flight. @default 3_000 */
  readonly drainWithinMs?: number
  /** The bound of the first pause before a new socket; it doubles with each. @default 500 */
  readonly backoffBaseMs?: number
  /** The bound that the pause never passes. @default 30_000 */
  readonly backoffCapMs?: number
  /** Time of READY after which the pauses start small again. @default 10_000 */
  readonly backoffResetMs?: number
  /**
   * Close codes that no further attempt is made after: the logins fail. By default the client comes
   * back after each.
   * @default none
   */
  readonly finalCloseCodes?: readonly number[]
  /** Number of commands of one login that may wait; the newest is refused. @default 1_000 */
  readonly maxQueued?: number
  /**
   * Commands are refused (NotSent, stalled-connection) while more bytes than this wait in the
   * socket.
   * @default 65_536
   */
  readonly stalledAboveBytes?: number
  /**
   * Returns true if `result: false` to a place_order proves that no order exists. If it returns
   * false or throws, the client looks for evidence within `resolveWithinMs`, and ends the order
   * Unresolved without any.
   * @default true for `unknown: false`; without the flag, true for messages with a known business
   * reason and no sign of a transport error, a server error or a duplicate
   */
  readonly isDefiniteRefusal?: (reply: FailureReply) => boolean
  /** Source of the time. @default the machine's clocks */
  readonly clock?: Clock
  /** Source of cids and jitter. @default the machine's secure source */
  readonly entropy?: Entropy
  /** Scheduler of all timers. @default rxjs's asyncScheduler */
  readonly scheduler?: SchedulerLike
}

/** The options with every default filled in. */
export type Settings = Required<ConnectOptions>

/**
 * These may be Infinity, without end. Of any other duration a timer must be able to wait it out.
 */
const mayBeEndless = ['requestTimeoutMs', 'orderMaxAgeMs', 'queryMaxAgeMs', 'repeatLoginWithinMs']

/** A NaN, from a variable that is not set, would lift a bound rather than set it. */
const checked = (settings: Settings): Settings => {
  for (const [name, value] of Object.entries(settings)) {
    if (typeof value !== 'number') continue
    const most = name.endsWith('Ms') && !mayBeEndless.includes(name) ? LONGEST_TIMER_MS : Infinity
    if (!(value >= 0 && value <= most))
      throw new RangeError(`${name} should be a number from 0 to ${most}, but is ${value}`)
  }
  const { pingEveryMs, deadAfterMs, backoffBaseMs, backoffCapMs, finalCloseCodes } = settings
  const wrongCode = finalCloseCodes.find((code) => !Number.isInteger(code))
  if (wrongCode !== undefined) throw new RangeError(`finalCloseCodes should hold whole numbers, but holds ${wrongCode}`)
  // Each socket would be given up as it opens, and the next one dialled, without end.
  if (!(pingEveryMs > 0 && deadAfterMs > pingEveryMs))
    throw new RangeError(`deadAfterMs (${deadAfterMs}) should be above pingEveryMs (${pingEveryMs}), and that above 0`)
  if (!(backoffBaseMs > 0 && backoffCapMs > 0))
    throw new RangeError(`backoffBaseMs (${backoffBaseMs}) and backoffCapMs (${backoffCapMs}) should be above 0`)
  return settings
}

/**
 * @throws RangeError for a number that is none, below 0, or more than timers can wait, and for
 * those that cannot go together
 */
export const settingsOf = (options: ConnectOptions): Settings => {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
  return checked({
    connectTimeoutMs: 10_000,
    pingEveryMs: 5_000,
    deadAfterMs: 11_000,
    requestTimeoutMs: 10_000,
    orderMaxAgeMs: 5_000,
    queryMaxAgeMs: 60_000,
    readyTimeoutMs: 60_000,
    repeatLoginWithinMs: 45_000,
    resolveWithinMs: 10_000,
    resyncWithinMs: 3_000,
    drainWithinMs: 3_000,
    backoffBaseMs: 500,
    backoffCapMs: 30_000,
    backoffResetMs: 10_000,
    finalCloseCodes: [],
    maxQueued: 1_000,
    stalledAboveBytes: 65_536,
    isDefiniteRefusal,
    clock: systemClock,
    entropy: systemEntropy,
    scheduler: asyncScheduler,
    // One that is there and undefined is none.
    ...given,
  })
}

/** @throws RangeError where snapshots would be taken without a pause */
export const checkResync = (everyMs: number | undefined): void => {
  if (everyMs !== undefined && !(everyMs > 0 && everyMs <= LONGEST_TIMER_MS))
    throw new RangeError(`resyncEveryMs should be above 0 and at most ${LONGEST_TIMER_MS}, but is ${everyMs}`)
}

/** Measures ages on both clocks: the wall clock may jump, the monotonic one may sleep. */
export const stopwatchOf =
  (clock: Clock): (() => () => number) =>
  () => {
    const start = instant(clock)
    return () => ageMs(clock, start)
  }
