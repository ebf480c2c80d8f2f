import { describe, expect, it } from '@jest/globals'
import { finalize, interval, merge, mergeMap, NEVER, Observable, Subject, take, tap, throwError, timer } from 'rxjs'
import { MarblesFailed, marbles, runScenario, type ScenarioRun, type Scenario } from '../../src/testing/index.js'

const words = (run: ScenarioRun): string => run.faults.map(({ message }) => message).join('\n')

/** A lane that never ends by itself, with work that its teardown does. */
const endingWith = (teardown: () => void, more: Partial<Scenario> = {}): ScenarioRun =>
  runScenario({
    lanes: `
      a     1
      out   1`,
    run: ({ hot }) => ({ out: merge(hot('a'), NEVER).pipe(finalize(teardown)) }),
    ...more,
  })

const fail = (): never => {
  throw new RangeError('from the teardown')
}

describe('what the last unsubscription begins is seen:', () => {
  it.each<[string, () => void]>([
    ['a teardown that throws', fail],
    ['a timer that throws', () => setTimeout(fail, 100)],
    ['a microtask that throws', () => queueMicrotask(fail)],
    [
      'a subscriber that throws',
      () => {
        const subject = new Subject<number>()
        subject.subscribe(fail)
        subject.next(1)
      },
    ],
    [
      'an unhandled error',
      () =>
        timer(10)
          .pipe(mergeMap(() => throwError(() => new RangeError('from the teardown'))))
          .subscribe(),
    ],
  ])('%s', (_name, teardown) => {
    for (const untilMs of [undefined, 10]) {
      const run = endingWith(teardown, untilMs === undefined ? {} : { untilMs })
      expect(words(run)).toContain('RangeError: from the teardown')
      expect(words(run)).toMatch(/test\/testing\/endings\.test\.ts:\d+/)
    }
  })

  it('timers that go on', () => {
    expect(words(endingWith(() => void interval(1000).subscribe()))).toContain('timers are still running 1m later')
  })

  it('a teardown that throws at a "!"', () => {
    const run = endingWith(fail, {
      lanes: `
        a     1
        out   1 1s !`,
    })
    expect(words(run)).toContain('at 1s something threw')
  })

  it('work that comes to its end is none', () => {
    expect(words(endingWith(() => void timer(1000).subscribe()))).toBe('')
  })
})

const heard = (lanes: string, more: Partial<Scenario> = {}): string =>
  words(runScenario({ lanes, run: ({ hot }) => ({ out: hot('a') }), ...more }))

describe('what is never played fails in words:', () => {
  it('an event of a hot lane behind untilMs', () => {
    const lanes = `
      a     1 1s 2 1s 3
      out   1 1s 2`
    expect(heard(lanes, { untilMs: 1500 })).toMatch(/the lane "a" is to play 3 at 2s, but the run ends at 1\.5s/)
  })

  it('an event of a cold lane behind untilMs', () => {
    const lanes = `
      a     1 1s 2 1s 3
      out   1 1s 2`
    expect(heard(lanes, { untilMs: 1500, run: ({ cold }) => ({ out: cold('a') }) })).toContain('the run ends at 1.5s')
  })

  it('an event behind the "!" of all who could hear it', () => {
    const lanes = `
      a     1 1s 2
      out   1 500ms !`
    expect(heard(lanes)).toMatch(/the lane "a" is to play 2 at 1s, but the last "!" is at 500ms/)
    expect(heard(lanes, { run: ({ cold }) => ({ out: cold('a') }) })).toMatch(/play 2 at 1s, but a "!" ends/)
  })

  it('an event after a "!" is allowed where the input says so, or another subscriber listens', () => {
    const told = `
      a     ^ 1 500ms ! 500ms 2
      out   1 500ms !`
    expect(heard(told)).toBe('')
    const other = `
      a       1 1s 2
      out     1 500ms !
      other   1 1s 2`
    expect(heard(other, { run: ({ hot }) => ({ out: hot('a'), other: hot('a') }) })).toBe('')
  })

  it('events that the pipeline itself does not take are none', () => {
    const lanes = `
      a     1 1s 2
      out   (1 |)`
    expect(heard(lanes, { run: ({ cold }) => ({ out: cold('a').pipe(take(1)) }) })).toBe('')
    expect(heard(lanes, { run: ({ hot }) => ({ out: hot('a').pipe(take(1)) }) })).toBe('')
  })

  it('a "^", and what at() was to do, behind untilMs', () => {
    const lanes = `
      a           1
      out         1
      late        [silent] 2s ^`
    const run: Scenario['run'] = ({ hot, at }) => {
      at(3000, () => {})
      return { out: merge(hot('a'), interval(100).pipe(take(0)), NEVER), late: interval(10) }
    }
    const found = heard(lanes, { untilMs: 1000, run })
    expect(found).toContain('the lane "late" expects ^ at 2s, but the run ends at 1s')
    expect(found).toContain('what at(3000) was to do at 3s was never done: the run ends at 1s')
  })
})

/** Fails below many operators of rxjs, whose frames are no help. */
const strategyThatFails = (price: number): number => {
  if (price > 1) throw new TypeError('the strategy has a fault', { cause: new RangeError('the reason') })
  return price
}

const thrownBy = (scenario: Scenario): MarblesFailed => {
  try {
    marbles(scenario)
  } catch (error) {
    if (error instanceof MarblesFailed) return error
    throw error
  }
  throw new Error('the scenario passed')
}

describe('a fault of a strategy', () => {
  const lanes = `
    a     1 1s 2
    out   1 1s 2`
  const frame = /strategyThatFails[^(]*\(test\/testing\/endings\.test\.ts:\d+/

  it('is shown with its stack where a lane ends by it', () => {
    const failed = thrownBy({
      lanes,
      run: ({ hot }) => ({ out: hot<number>('a').pipe(tap(strategyThatFails)) }),
    })
    expect(failed.message).toContain('TypeError: the strategy has a fault')
    expect(failed.message).toMatch(frame)
    expect(failed.message).toContain('caused by RangeError: the reason')
    expect((failed.cause as Error).message).toBe('the strategy has a fault')
  })

  it('is shown with its stack where a subscriber throws, below any number of operators', () => {
    const failed = thrownBy({
      lanes,
      run: ({ hot }) => {
        let price$ = hot<number>('a')
        for (let i = 0; i < 20; i++) price$ = price$.pipe(tap(() => {}))
        return {
          out: new Observable<number>((subscriber) => {
            const all = price$.subscribe((price) => strategyThatFails(price))
            return all.add(price$.subscribe(subscriber))
          }),
        }
      },
    })
    expect(failed.message).toContain('something threw: TypeError: the strategy has a fault')
    expect(failed.message).toMatch(frame)
  })

  it('is shown with its stack where run throws', () => {
    const failed = thrownBy({ lanes, run: () => ({ out: timer(strategyThatFails(2)) }) })
    expect(failed.message).toContain('run threw: TypeError')
    expect(failed.message).toMatch(frame)
  })
})
