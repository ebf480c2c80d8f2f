import { isObservable, type Observable } from 'rxjs'
import { callSite } from './call-site.js'
import { MarblesFailed } from './failed.js'
import { check } from './marbles.js'
import type { ClassicLane } from './notation/classic.js'
import type { Scenario } from './scenario.js'
import type { Vocabulary } from './vocabulary.js'

/** Settings for comparing a single lane. */
export interface EmitOptions
  extends Vocabulary,
    Pick<Scenario, 'tickMs' | 'untilMs' | 'maxActions' | 'startMs' | 'allowPromises'> {}

/** Result of a matcher. */
export interface MatcherResult {
  readonly pass: boolean
  readonly message: () => string
}

const resultOf = (scenario: Scenario): MatcherResult => {
  try {
    check(scenario, callSite())
  } catch (error) {
    // What cannot be read, or throws by itself, is no verdict: `not` must not make a success of it.
    if (!(error instanceof MarblesFailed) || error.run.faults.length > 0) throw error
    return { pass: false, message: () => error.message }
  }
  return { pass: true, message: () => 'every lane came out as written, and should not have' }
}

/** Matchers for `expect.extend`, of jest and of whatever takes the same. */
export const marbleMatchers = {
  /**
   * `expect(source$).toEmit('1s a 1s b |', { values })`: subscribed to in virtual time, it does
   * just this.
   */
  toEmit(received: unknown, lane: string | ClassicLane, options: EmitOptions = {}): MatcherResult {
    if (!isObservable(received)) throw new TypeError('toEmit is for observables: expect(source$).toEmit(lane)')
    return resultOf({ ...options, lanes: { emitted: lane }, run: () => ({ emitted: received }) })
  },
  /** `expect({ lanes, run }).toComeOutAsWritten()`: as {@link marbles}, as a matcher. */
  toComeOutAsWritten(received: unknown): MatcherResult {
    if (typeof received !== 'object' || received === null || !('lanes' in received) || !('run' in received)) {
      throw new TypeError('toComeOutAsWritten is for scenarios: expect({ lanes, run }).toComeOutAsWritten()')
    }
    return resultOf(received as Scenario)
  },
}

/** Matchers that are added to an expectation. */
export interface MarbleExpectation {
  /** The observable, subscribed to in virtual time, does just what the lane says. */
  toEmit(lane: string | ClassicLane, options?: EmitOptions): void
  /** Every lane of the scenario comes out as written. */
  toComeOutAsWritten(): void
}

/** As much of an `expect` as is needed here. */
export interface Expect {
  (received: never): object
  extend(matchers: never): unknown
}

/**
 * jest's `expect`, with {@link marbleMatchers}, typed; no global is changed but what
 * `expect.extend` changes.
 *
 * @example
 * ```ts
 * import { expect as jestExpect, it } from '@jest/globals'
 * const expect = withMarbles(jestExpect)
 * it('waits', () => expect(of(1).pipe(delay(1000))).toEmit('1s (1 |)'))
 * ```
 */
export const withMarbles = <E extends Expect>(
  expect: E,
): (<T extends Observable<unknown> | Scenario>(
  received: T,
) => MarbleExpectation & { readonly not: MarbleExpectation }) &
  E => {
  expect.extend(marbleMatchers as never)
  return expect as never
}
