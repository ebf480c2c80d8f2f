import { LONGEST_TIMER_MS } from '../longest-timer.js'

/** Rules by which an action of virtual time is scheduled. */
export interface ActionKind {
  /** Runs before everything else that is due at the instant, when it has no delay. */
  readonly isMicrotask: boolean
  /** Delay that is kept when `ms` is asked for. */
  delayMs(ms: number): number
}

/** Keeps every delay; Infinity never comes. */
export const exactDelays: ActionKind = { isMicrotask: false, delayMs: (ms) => ms }

interface WarningHost {
  readonly process?: { emitWarning?(message: string, name: string): void }
}

/**
 * Treats delays as the timers of Node and browsers do: a delay above 2^31 - 1 ms, Infinity
 * included, ends after 1 ms. The first one emits Node's TimeoutOverflowWarning.
 */
const platformDelays = (): ActionKind['delayMs'] => {
  let hasWarned = false
  return (ms) => {
    if (!(ms > LONGEST_TIMER_MS)) return ms
    if (!hasWarned) {
      hasWarned = true
      ;(globalThis as WarningHost).process?.emitWarning?.(
        `${ms} does not fit into a 32-bit signed integer.\nTimeout duration was set to 1.`,
        'TimeoutOverflowWarning',
      )
    }
    return 1
  }
}

/** Kinds of actions that behave as the timers and microtasks of the platform do. */
export const platformKinds = (): { readonly timer: ActionKind; readonly microtask: ActionKind } => {
  const delayMs = platformDelays()
  return { timer: { isMicrotask: false, delayMs }, microtask: { isMicrotask: true, delayMs } }
}
