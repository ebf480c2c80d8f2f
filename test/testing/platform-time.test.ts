import { describe, expect, it } from '@jest/globals'
import { asapScheduler, asyncScheduler, delay, merge, NEVER, observeOn, of, throwError, timeout, timer } from 'rxjs'
import { marbles, runScenario } from '../../src/testing/index.js'

const day = 86_400_000

describe('the kit does what production does:', () => {
  it.each([2 ** 31, 30 * day, Infinity])(
    'a delay of %d ms comes after 1 ms, by whatever name the scheduler goes',
    (ms) => {
      marbles({
        lanes: `
        a         1
        timer     1ms (0 |)
        named     1ms (0 |)
        delayed   1ms 1
        timed     1ms #slow`,
        errors: { slow: Error },
        run: ({ hot, scheduler }) => ({
          timer: timer(ms),
          named: timer(ms, scheduler),
          delayed: hot('a').pipe(delay(ms)),
          timed: NEVER.pipe(timeout({ each: ms, with: () => throwError(() => new Error('slow')) })),
        }),
      })
    },
  )

  it('what expects silence of a delay that no timer keeps fails', () => {
    const run = runScenario({
      lanes: `
        a      1
        late   [silent]`,
      run: ({ hot }) => ({ late: hot('a').pipe(delay(30 * day)) }),
    })
    expect(run.passed).toBe(false)
  })

  it('an event of a lane comes after 30 days all the same', () => {
    marbles({
      lanes: `
        a     720h 1
        out   720h 1`,
      untilMs: 31 * day,
      run: ({ hot }) => ({ out: hot('a') }),
    })
  })

  it('asap comes before async of the same instant', () => {
    marbles({
      lanes: 'out ("asap" "async" |)',
      run: () => ({
        out: merge(of('async').pipe(observeOn(asyncScheduler)), of('asap').pipe(observeOn(asapScheduler))),
      }),
    })
  })
})
