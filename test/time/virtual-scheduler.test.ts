import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import {
  asapScheduler,
  bufferTime,
  debounceTime,
  delay,
  interval,
  observeOn,
  range,
  type SchedulerAction,
  type SchedulerLike,
  scheduled,
  Subject,
  subscribeOn,
  type Subscription,
  take,
  throttleTime,
  timeout,
  timer,
  VirtualTimeScheduler,
} from 'rxjs'
import { StillRunning, VirtualScheduler } from '../../src/time/index.js'

describe('VirtualScheduler', () => {
  it('runs actions in the order of their instants, and at one instant in the order of scheduling', () => {
    const scheduler = new VirtualScheduler()
    const seen: string[] = []
    scheduler.schedule(() => seen.push('late'), 20)
    scheduler.schedule(() => seen.push('a'), 10)
    scheduler.schedule(() => seen.push('b'), 10)
    scheduler.flush()
    expect(seen).toEqual(['a', 'b', 'late'])
    expect(scheduler.now()).toBe(20)
  })

  it('runs what an action schedules for the same instant after all that wait at that instant', () => {
    const scheduler = new VirtualScheduler()
    const seen: string[] = []
    scheduler.schedule(() => {
      seen.push('a')
      scheduler.schedule(() => seen.push('c'))
    }, 10)
    scheduler.schedule(() => seen.push('b'), 10)
    scheduler.advanceTo(10)
    expect(seen).toEqual(['a', 'b', 'c'])
  })

  it('shows an action the instant at which it is due, and the asker the instant asked for', () => {
    const scheduler = new VirtualScheduler()
    const seen: number[] = []
    scheduler.schedule(() => seen.push(scheduler.now()), 3)
    scheduler.advanceTo(2)
    expect(seen).toEqual([])
    scheduler.advanceBy(8)
    expect(seen).toEqual([3])
    expect(scheduler.now()).toBe(10)
  })

  it('hands its state to the work, and the new state when the action is scheduled again', () => {
    const scheduler = new VirtualScheduler()
    const seen: unknown[] = []
    scheduler.schedule(
      function (this: SchedulerAction<number>, state?: number) {
        seen.push([scheduler.now(), state])
        if (state !== undefined && state < 3) this.schedule(state + 1, 10)
      },
      5,
      1,
    )
    scheduler.flush()
    expect(seen).toEqual([
      [5, 1],
      [15, 2],
      [25, 3],
    ])
  })

  it('lets an action be scheduled again after it has run, from outside', () => {
    const scheduler = new VirtualScheduler()
    const seen: number[] = []
    const action = scheduler.schedule(() => seen.push(scheduler.now()), 5) as SchedulerAction<unknown>
    scheduler.advanceTo(8)
    action.schedule(undefined, 2)
    scheduler.flush()
    expect(seen).toEqual([5, 10])
  })

  it('takes the later call when an action is scheduled again while it waits', () => {
    const scheduler = new VirtualScheduler()
    const seen: number[] = []
    const action = scheduler.schedule(() => seen.push(scheduler.now()), 5) as SchedulerAction<unknown>
    action.schedule(undefined, 30)
    expect(scheduler.pending).toBe(1)
    scheduler.flush()
    expect(seen).toEqual([30])
  })

  it('does not run a cancelled action, not even one that another cancels at the same instant', () => {
    const scheduler = new VirtualScheduler()
    const seen: string[] = []
    scheduler.schedule(() => seen.push('never'), 5).unsubscribe()
    scheduler.schedule(() => second.unsubscribe(), 10)
    const second = scheduler.schedule(() => seen.push('nor this'), 10)
    scheduler.flush()
    expect(seen).toEqual([])
    expect(scheduler.pending).toBe(0)
  })

  it('ends an action that unsubscribes itself within its work', () => {
    const scheduler = new VirtualScheduler()
    let runs = 0
    scheduler.schedule(function () {
      runs += 1
      this.schedule(undefined, 1)
      if (runs === 3) this.unsubscribe()
    }, 1)
    scheduler.flush()
    expect(runs).toBe(3)
  })

  it('never runs what is delayed for ever, takes a negative delay for none and refuses NaN', () => {
    const scheduler = new VirtualScheduler()
    const seen: string[] = []
    scheduler.schedule(() => seen.push('never'), Infinity)
    scheduler.schedule(() => seen.push('now'), -5)
    expect(scheduler.pending).toBe(1)
    scheduler.flush()
    expect(seen).toEqual(['now'])
    expect(scheduler.now()).toBe(0)
    expect(() => scheduler.schedule(() => undefined, NaN)).toThrow('NaN')
  })

  it('does not go back in time', () => {
    const scheduler = new VirtualScheduler()
    scheduler.advanceTo(10)
    expect(() => scheduler.advanceTo(9)).toThrow('it is 10 ms, asked for 9 ms')
    expect(() => scheduler.advanceBy(NaN)).toThrow(RangeError)
    expect(scheduler.now()).toBe(10)
  })

  it('refuses to be advanced from within an action, and can be used again afterwards', () => {
    const scheduler = new VirtualScheduler()
    scheduler.schedule(() => scheduler.advanceBy(5), 1)
    expect(() => scheduler.flush()).toThrow('from within an action')
    scheduler.advanceBy(5)
    expect(scheduler.now()).toBe(6)
  })

  it('loses only the action that throws', () => {
    const scheduler = new VirtualScheduler()
    const seen: number[] = []
    const bad = scheduler.schedule(() => {
      throw new Error('bad')
    }, 1)
    scheduler.schedule(() => seen.push(scheduler.now()), 2)
    expect(() => scheduler.flush()).toThrow('bad')
    expect(bad.closed).toBe(true)
    scheduler.flush()
    expect(seen).toEqual([2])
  })

  it('names what still runs instead of hanging', () => {
    const scheduler = new VirtualScheduler()
    scheduler.schedule(function checkTheClock() {
      this.schedule(undefined, 1000)
    }, 1000)
    const flush = () => scheduler.flush({ maxActions: 50 })
    expect(flush).toThrow(StillRunning)
    expect(flush).toThrow(
      '50 actions have run, and 1 action(s) still wait at 100000 ms; unsubscribe what should have ended, or raise the limit:\n  due at 101000 ms: checkTheClock (has run 100 times)',
    )
  })

  it('names what should have ended by then', () => {
    const scheduler = new VirtualScheduler()
    scheduler.schedule(() => undefined, 99)
    scheduler.schedule(function tooLate() {}, 101)
    expect(() => scheduler.flush({ untilMs: 100 })).toThrow(
      /^100 ms have been reached, and 1 action.*at 99 ms.*tooLate$/s,
    )
  })

  it('does not mind a flush that ends exactly at its limits', () => {
    const scheduler = new VirtualScheduler()
    scheduler.schedule(() => undefined, 100)
    expect(() => scheduler.flush({ untilMs: 100, maxActions: 1 })).not.toThrow()
  })

  it('names what still waits when the last action that may run was not scheduled again', () => {
    const scheduler = new VirtualScheduler()
    scheduler.schedule(() => undefined, 1)
    scheduler.schedule(function other() {}, 2)
    expect(() => scheduler.flush({ maxActions: 1 })).toThrow(/1 action.*due at 2 ms: other$/s)
  })

  it('lets an action cancel most of the others', () => {
    const scheduler = new VirtualScheduler()
    const seen: number[] = []
    const others = Array.from({ length: 200 }, (_, n) => scheduler.schedule(() => seen.push(n), 1000 - n))
    scheduler.schedule(() => others.slice(5).forEach((other) => other.unsubscribe()), 1)
    scheduler.flush()
    expect(seen).toEqual([4, 3, 2, 1, 0])
  })

  it('loses none of many that wait, however many: not the one either for which the queue is rearranged', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 3_000 }),
        fc.array(fc.double({ min: 0, max: 1_000, noNaN: true }), { minLength: 1, maxLength: 20 }),
        (many, delays) => {
          const scheduler = new VirtualScheduler()
          let ran = 0
          for (let n = 0; n < many; n++) scheduler.schedule(() => ran++, delays[n % delays.length])
          expect(scheduler.pending).toBe(many)
          scheduler.flush()
          expect(ran).toBe(many)
        },
      ),
    )
  })

  it('forgets cancelled actions', () => {
    const scheduler = new VirtualScheduler()
    const kept = Array.from({ length: 100 }, (_, n) => scheduler.schedule(() => undefined, 1000 + n))
    for (let n = 0; n < 100_000; n++) scheduler.schedule(() => undefined, 500 + (n % 1000)).unsubscribe()
    expect(scheduler.pending).toBe(100)
    expect(scheduler.sizeWithCancelled).toBeLessThanOrEqual(200)
    for (const action of kept) action.unsubscribe()
    expect(scheduler.pending).toBe(0)
    expect(scheduler.sizeWithCancelled).toBeLessThanOrEqual(64)
  })

  it('runs the same as a sorted list would, whatever is scheduled, cancelled and scheduled again', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        expect(runOn(new VirtualScheduler(), steps)).toEqual(runOn(new SortedList(), steps))
      }),
      { numRuns: 300 },
    )
  })
})

describe('operators of rxjs on a VirtualScheduler', () => {
  const pipelines: Readonly<Record<string, (scheduler: SchedulerLike, source$: Subject<number>) => Subscription>> = {}
  const logs = new Map<SchedulerLike, unknown[]>()
  const say = (scheduler: SchedulerLike) => {
    const log: unknown[] = []
    logs.set(scheduler, log)
    return {
      next: (value: unknown) => log.push([scheduler.now(), value]),
      error: (error: unknown) => log.push([scheduler.now(), String(error)]),
      complete: () => log.push([scheduler.now(), 'end']),
    }
  }
  Object.assign(pipelines, {
    interval: (s, _) => interval(1000, s).pipe(take(3)).subscribe(say(s)),
    'timer that repeats': (s, _) => timer(500, 1000, s).pipe(take(3)).subscribe(say(s)),
    'timer to an instant': (s, _) => timer(new Date(700), s).subscribe(say(s)),
    debounceTime: (s, source$) => source$.pipe(debounceTime(25, s)).subscribe(say(s)),
    throttleTime: (s, source$) =>
      source$.pipe(throttleTime(35, s, { leading: true, trailing: true })).subscribe(say(s)),
    bufferTime: (s, source$) => source$.pipe(bufferTime(40, 15, s)).subscribe(say(s)),
    delay: (s, source$) => source$.pipe(delay(33, s)).subscribe(say(s)),
    observeOn: (s, source$) => source$.pipe(observeOn(s, 7)).subscribe(say(s)),
    subscribeOn: (s, source$) => source$.pipe(subscribeOn(s, 45)).subscribe(say(s)),
    timeout: (s, source$) => source$.pipe(timeout({ each: 25, scheduler: s })).subscribe(say(s)),
    range: (s, _) => scheduled(range(0, 4), s).subscribe(say(s)),
  } satisfies typeof pipelines)

  it.each(Object.keys(pipelines))('%s does what it does on a scheduler of rxjs', (name) => {
    const logOf = (scheduler: SchedulerLike & { flush(): void }): unknown[] | undefined => {
      const source$ = new Subject<number>()
      const subscription = pipelines[name]!(scheduler, source$)
      ;[5, 20, 30, 40, 100].forEach((ms, n) => scheduler.schedule(() => source$.next(n), ms))
      scheduler.schedule(() => source$.complete(), 150)
      scheduler.schedule(() => subscription.unsubscribe(), 4000)
      scheduler.flush()
      return logs.get(scheduler)
    }
    const ours = logOf(new VirtualScheduler())
    expect(ours).toEqual(logOf(new VirtualTimeScheduler()))
    expect(ours?.length).toBeGreaterThan(0)
  })

  it('does not touch the schedulers of rxjs', () => {
    const scheduler = new VirtualScheduler()
    const action = asapScheduler.schedule(() => undefined, 10)
    scheduler.flush()
    expect(action.closed).toBe(false)
    action.unsubscribe()
  })
})

type Step =
  | { readonly do: 'schedule'; readonly delay: number; readonly again: readonly number[] }
  | { readonly do: 'cancel'; readonly which: number }
  | { readonly do: 'again'; readonly which: number; readonly delay: number }
  | { readonly do: 'advance'; readonly by: number }

const ms = fc.integer({ min: 0, max: 20 })
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('schedule'), delay: ms, again: fc.array(ms, { maxLength: 3 }) }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('cancel'), which: fc.nat(200) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('again'), which: fc.nat(200), delay: ms }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('advance'), by: fc.integer({ min: 0, max: 10 }) }) },
)

/** Everything that ran, with its instant, and how many waited after each step. */
function runOn(scheduler: Modelled, steps: readonly Step[]): unknown[] {
  const log: unknown[] = []
  const actions: SchedulerAction<unknown>[] = []
  for (const each of steps) {
    const which = 'which' in each ? actions[each.which % Math.max(1, actions.length)] : undefined
    if (each.do === 'schedule') {
      const name = actions.length
      const again = [...each.again]
      const work = function (this: SchedulerAction<unknown>) {
        log.push([scheduler.now(), name])
        const next = again.shift()
        if (next !== undefined) this.schedule(undefined, next)
      }
      actions.push(scheduler.schedule(work, each.delay) as SchedulerAction<unknown>)
    } else if (each.do === 'cancel') which?.unsubscribe()
    else if (each.do === 'again') which?.schedule(undefined, each.delay)
    else scheduler.advanceBy(each.by)
    log.push(scheduler.pending)
  }
  scheduler.flush()
  return log
}

interface Modelled extends SchedulerLike {
  readonly pending: number
  advanceBy(ms: number): void
  flush(): void
}

/** What a virtual scheduler is, said as simply as can be. */
class SortedList implements Modelled {
  #now = 0
  #order = 0
  #entries: { due: number; order: number; action: object; run: () => void }[] = []

  now = () => this.#now
  get pending() {
    return this.#entries.length
  }

  schedule<T>(work: (this: SchedulerAction<T>, state?: T) => void, delayMs = 0): Subscription {
    const leave = () => (this.#entries = this.#entries.filter((entry) => entry.action !== action))
    const action = {
      closed: false,
      schedule: (_: unknown, againMs = 0) => {
        if (action.closed) return
        leave()
        this.#entries.push({
          due: this.#now + againMs,
          order: ++this.#order,
          action,
          run: () => work.call(action as unknown as SchedulerAction<T>),
        })
      },
      unsubscribe: () => {
        action.closed = true
        leave()
      },
    }
    action.schedule(undefined, delayMs)
    return action as unknown as Subscription
  }

  advanceBy(byMs: number): void {
    const until = this.#now + byMs
    this.#run(until)
    this.#now = until
  }

  flush(): void {
    this.#run(Infinity)
  }

  #run(until: number): void {
    for (;;) {
      const first = this.#entries.sort((a, b) => a.due - b.due || a.order - b.order)[0]
      if (first === undefined || first.due > until) return
      this.#entries.shift()
      this.#now = first.due
      first.run()
    }
  }
}
