import { describe, expect, it } from '@jest/globals'
import { asapScheduler, expand, Observable, of, take, timer } from 'rxjs'
import { runScenario } from '../../src/testing/index.js'
import { VirtualScheduler, withVirtualTime } from '../../src/time/index.js'
import { leftBehindMb } from './garbage.js'

/** Asks for itself again until it has run `times` times. */
const chain = (times: number, again: (next: () => void) => void): void => {
  let ran = 0
  const next = (): void => {
    if (++ran < times) again(next)
  }
  next()
}

const kinds: readonly [string, number, (times: number) => void][] = [
  ['chained timers', 200_000, (times) => chain(times, (next) => setTimeout(next, 1))],
  [
    'timers that were cleared',
    100_000,
    (times) =>
      chain(times, (next) => {
        clearTimeout(setTimeout(() => {}, 1e6))
        setTimeout(next, 1)
      }),
  ],
  ['chained microtasks', 100_000, (times) => chain(times, queueMicrotask)],
  ['chained actions of asap', 100_000, (times) => chain(times, (next) => asapScheduler.schedule(next))],
  [
    'signals that time out',
    20_000,
    (times) => chain(times, (next) => AbortSignal.timeout(1).addEventListener('abort', next)),
  ],
  [
    'timers of rxjs',
    50_000,
    (times) =>
      of(0)
        .pipe(
          expand(() => timer(1)),
          take(times),
        )
        .subscribe(),
  ],
]

describe('virtual time stays flat in memory', () => {
  it.each(kinds)('with %s: %d of them', (_name, times, begin) => {
    const scheduler = new VirtualScheduler()
    let left = Infinity
    withVirtualTime(scheduler, () => {
      // The scheduler and the replaced timers live on while this is measured.
      left = leftBehindMb(() => {
        begin(times)
        scheduler.flush({ maxActions: Infinity })
      })
    })
    expect(scheduler.pending).toBe(0)
    expect(left).toBeLessThan(8)
  })

  it('with 200,000 chained timers in a marble test', () => {
    let left = Infinity
    const run = runScenario({
      lanes: 'out   200s 1 |',
      maxActions: Infinity,
      run: ({ at }) => ({
        out: new Observable<number>((subscriber) => {
          let before = 0
          chain(200_000, (next) => setTimeout(next, 1))
          at(100_000, () => (before = heapMb()))
          at(199_990, () => (left = heapMb() - before))
          setTimeout(() => {
            subscriber.next(1)
            subscriber.complete()
          }, 200_000)
        }),
      }),
    })
    expect(run.faults).toEqual([])
    expect(run.passed).toBe(true)
    expect(left).toBeLessThan(8)
  })
})

/** Megabytes in use, once garbage has been collected. */
const heapMb = (): number => {
  leftBehindMb(() => {})
  return process.memoryUsage().heapUsed / 2 ** 20
}
