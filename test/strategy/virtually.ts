import { asyncScheduler, type Observable } from 'rxjs'
import { TestScheduler } from 'rxjs/testing'

type RunHelpers = Parameters<Parameters<TestScheduler['run']>[0]>[0]

/** What a stream did and when, in ms: its values, then `|` or `#` with the error. */
export type Timeline = readonly (readonly [ms: number, what: unknown])[]

/** Inputs as marbles; `watch` gives the timeline of a stream, from now until `untilMs`. */
export type Virtual = Pick<RunHelpers, 'cold' | 'hot'> & {
  watch(stream$: Observable<unknown>, untilMs?: number): Timeline
}

/**
 * Runs a test in virtual time. Timelines are compared as records, by the test's own expectations: a drawn marble takes a
 * millisecond, which makes a drawing of a burst lie about time.
 */
export const virtually = <T>(test: (virtual: Virtual) => T): T =>
  new TestScheduler(() => undefined).run((helpers) =>
    test({
      ...helpers,
      watch: (stream$, untilMs = 60_000) => {
        const seen: [number, unknown][] = []
        const note = (what: unknown) => seen.push([asyncScheduler.now(), what])
        const watching = stream$.subscribe({
          next: note,
          error: (error: unknown) => seen.push([asyncScheduler.now(), '#'], [asyncScheduler.now(), error]),
          complete: () => note('|'),
        })
        asyncScheduler.schedule(() => watching.unsubscribe(), untilMs)
        helpers.flush()
        return seen
      },
    }),
  )
