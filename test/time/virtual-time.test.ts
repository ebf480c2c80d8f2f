import { describe, expect, it, jest } from '@jest/globals'
import {
  animationFrameScheduler,
  asapScheduler,
  asyncScheduler,
  auditTime,
  bufferTime,
  concat,
  debounceTime,
  delay,
  interval,
  map,
  mergeAll,
  NEVER,
  Observable,
  observeOn,
  of,
  queueScheduler,
  ReplaySubject,
  repeat,
  retry,
  sampleTime,
  Subject,
  share,
  subscribeOn,
  take,
  throttleTime,
  throwError,
  timeInterval,
  timeout,
  timer,
  timestamp,
  windowTime,
} from 'rxjs'
import { VirtualScheduler, withVirtualTime } from '../../src/time/index.js'
import { WatchedScheduler } from '../support/retained-actions.js'

const seen = <T>(make: () => Observable<T>, untilMs = 60_000): [number, T | string][] => {
  const scheduler = new VirtualScheduler()
  const found: [number, T | string][] = []
  withVirtualTime(scheduler, () => {
    const subscription = make().subscribe({
      next: (value) => found.push([scheduler.now(), value]),
      error: (error: unknown) => found.push([scheduler.now(), `#${(error as Error).name}`]),
      complete: () => found.push([scheduler.now(), '|']),
    })
    scheduler.advanceTo(untilMs)
    subscription.unsubscribe()
    expect(scheduler.pending).toBe(0)
  })
  return found
}

const globals = () => ({
  setTimeout: globalThis.setTimeout,
  setInterval: globalThis.setInterval,
  setImmediate: globalThis.setImmediate,
  clearTimeout: globalThis.clearTimeout,
  queueMicrotask: globalThis.queueMicrotask,
  Date: globalThis.Date,
  now: Date.now,
  performanceNow: performance.now,
  asyncSchedule: asyncScheduler.schedule,
  asyncNow: asyncScheduler.now,
  asapSchedule: asapScheduler.schedule,
  frameSchedule: animationFrameScheduler.schedule,
  own: [asyncScheduler, asapScheduler, queueScheduler, animationFrameScheduler, performance].map((each) =>
    Object.getOwnPropertyNames(each).sort(),
  ),
})

describe('in virtual time, without naming a scheduler,', () => {
  const ticks = (): Observable<number> => interval(100).pipe(take(5))

  it.each<[string, () => Observable<unknown>, [number, unknown][]]>([
    [
      'timer',
      () => timer(250),
      [
        [250, 0],
        [250, '|'],
      ],
    ],
    [
      'timer with a period',
      () => timer(50, 1000).pipe(take(2)),
      [
        [50, 0],
        [1050, 1],
        [1050, '|'],
      ],
    ],
    [
      'timer to a date',
      () => timer(new Date(700)),
      [
        [700, 0],
        [700, '|'],
      ],
    ],
    [
      'debounceTime',
      () => concat(ticks(), NEVER).pipe(debounceTime(1000), take(1)),
      [
        [1500, 4],
        [1500, '|'],
      ],
    ],
    [
      'throttleTime',
      () => ticks().pipe(throttleTime(250)),
      [
        [100, 0],
        [400, 3],
        [500, '|'],
      ],
    ],
    [
      'auditTime',
      () => concat(ticks(), NEVER).pipe(auditTime(150), take(2)),
      [
        [250, 1],
        [450, 3],
        [450, '|'],
      ],
    ],
    [
      'sampleTime',
      () => ticks().pipe(sampleTime(150)),
      [
        [150, 0],
        [300, 1],
        [450, 3],
        [500, '|'],
      ],
    ],
    [
      'delay',
      () => of('a').pipe(delay(2000)),
      [
        [2000, 'a'],
        [2000, '|'],
      ],
    ],
    ['timeout', () => NEVER.pipe(timeout(3000)), [[3000, '#TimeoutError']]],
    [
      'timestamp',
      () =>
        timer(40).pipe(
          timestamp(),
          map((it) => it.timestamp),
        ),
      [
        [40, 40],
        [40, '|'],
      ],
    ],
    [
      'timeInterval',
      () =>
        timer(40).pipe(
          timeInterval(),
          map((it) => it.interval),
        ),
      [
        [40, 40],
        [40, '|'],
      ],
    ],
    [
      'bufferTime',
      () => ticks().pipe(bufferTime(250)),
      [
        [250, [0, 1]],
        [500, [2, 3]],
        [500, [4]],
        [500, '|'],
      ],
    ],
    [
      'windowTime',
      () =>
        ticks().pipe(
          windowTime(250),
          map((w) => w.pipe(take(1))),
          mergeAll(),
          take(1),
        ),
      [
        [100, 0],
        [100, '|'],
      ],
    ],
    [
      'retry with a delay',
      () => throwError(() => new RangeError()).pipe(retry({ count: 2, delay: 500 })),
      [[1000, '#RangeError']],
    ],
    [
      'repeat with a delay',
      () => of(1).pipe(repeat({ count: 2, delay: 500 })),
      [
        [0, 1],
        [500, 1],
        [500, '|'],
      ],
    ],
    [
      'observeOn(asap)',
      () => of(1).pipe(observeOn(asapScheduler)),
      [
        [0, 1],
        [0, '|'],
      ],
    ],
    [
      'subscribeOn(queue) with a delay',
      () => of(1).pipe(subscribeOn(queueScheduler, 30)),
      [
        [30, 1],
        [30, '|'],
      ],
    ],
    [
      'observeOn(animationFrame)',
      () => of(1).pipe(observeOn(animationFrameScheduler), take(1)),
      [
        [16, 1],
        [16, '|'],
      ],
    ],
  ])('%s runs', (_name, make, expected) => {
    expect(seen(make)).toEqual(expected)
  })

  it('a ReplaySubject forgets by virtual time', () => {
    const scheduler = new VirtualScheduler()
    withVirtualTime(scheduler, () => {
      const subject = new ReplaySubject<number>(10, 1000)
      subject.next(1)
      scheduler.advanceTo(999)
      const kept: number[] = []
      subject.subscribe((n) => kept.push(n))
      scheduler.advanceTo(1001)
      subject.subscribe((n) => kept.push(n + 100))
      expect(kept).toEqual([1])
    })
  })

  it('an operator that was made outside runs inside', () => {
    const outside = new Subject<number>()
    const debounced = outside.pipe(debounceTime(10), share())
    const scheduler = new VirtualScheduler()
    const got: number[] = []
    withVirtualTime(scheduler, () => {
      debounced.subscribe((n) => got.push(n, scheduler.now()))
      outside.next(7)
      scheduler.advanceTo(20)
    })
    expect(got).toEqual([7, 10])
  })
})

describe('raw timers and clocks in virtual time', () => {
  it('setTimeout, setInterval and setImmediate fire at their virtual instants, with their arguments, and can be cleared', () => {
    const scheduler = new VirtualScheduler()
    const got: unknown[] = []
    withVirtualTime(scheduler, () => {
      setTimeout((word: string) => got.push(word, scheduler.now()), 500, 'once')
      const never = setTimeout(() => got.push('cleared'), 100)
      clearTimeout(never)
      clearTimeout(Number(setTimeout(() => got.push('cleared by number'), 100)))
      const every = setInterval(() => {
        got.push('tick', scheduler.now())
        if (scheduler.now() === 600) clearInterval(every)
      }, 300)
      setImmediate(() => got.push('immediate', scheduler.now()))
      queueMicrotask(() => got.push('microtask', scheduler.now()))
      scheduler.flush()
    })
    expect(got).toEqual(['microtask', 0, 'immediate', 0, 'tick', 300, 'once', 500, 'tick', 600])
  })

  it('Date, Date.now and performance.now show virtual time, and a Date made of something stays what it is', () => {
    const scheduler = new VirtualScheduler()
    const Held = Date
    withVirtualTime(
      scheduler,
      () => {
        scheduler.advanceTo(250)
        expect(Date.now()).toBe(1_000_250)
        expect(Held.now()).toBe(1_000_250)
        expect(new Date().getTime()).toBe(1_000_250)
        expect(new Date()).toBeInstanceOf(Held)
        expect(new Date(5).getTime()).toBe(5)
        expect(performance.now()).toBe(250)
        expect(asyncScheduler.now()).toBe(1_000_250)
      },
      { startMs: 1_000_000 },
    )
  })

  it('a timer from before the run can be cleared within it', () => {
    let fired = false
    const before = setTimeout(() => (fired = true), 1_000_000)
    withVirtualTime(new VirtualScheduler(), () => clearTimeout(before))
    expect(fired).toBe(false)
    expect((before as unknown as { _destroyed: boolean })._destroyed).toBe(true)
  })
})

const tooLong = [2 ** 31, 30 * 86_400_000, Infinity]

describe('a delay that no timer of the platform keeps', () => {
  it.each(tooLong)('of %d ms comes after 1 ms, as in Node', (ms) => {
    expect(seen(() => timer(ms))).toEqual([
      [1, 0],
      [1, '|'],
    ])
    expect(seen(() => of('a').pipe(delay(ms)))[0]).toEqual([1, 'a'])
    expect(seen(() => NEVER.pipe(timeout(ms)))).toEqual([[1, '#TimeoutError']])
    expect(seen(() => timer(0, ms).pipe(take(3))).map(([atMs]) => atMs)).toEqual([0, 1, 2, 2])
    const raw = (start: (work: () => void) => () => void) =>
      seen(() => new Observable<string>((subscriber) => start(() => subscriber.complete())))
    const interval = (work: () => void) => {
      const every = setInterval(work, ms)
      return () => clearInterval(every)
    }
    const soon = (work: () => void) => {
      const action = asapScheduler.schedule(work, ms)
      return () => action.unsubscribe()
    }
    const once = (work: () => void) => {
      const timer = setTimeout(work, ms)
      return () => clearTimeout(timer)
    }
    expect(raw(once)).toEqual([[1, '|']])
    expect(raw(interval)).toEqual([[1, '|']])
    expect(raw(soon)).toEqual([[1, '|']])
  })

  it('of 2^31 - 1 ms is kept', () => {
    expect(seen(() => timer(2 ** 31 - 1), 2 ** 31)[0]).toEqual([2 ** 31 - 1, 0])
  })

  it('is told by the warning of Node, once', () => {
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
    try {
      seen(() => timer(Infinity, Infinity).pipe(take(3)))
      expect(warn.mock.calls).toEqual([
        [
          'Infinity does not fit into a 32-bit signed integer.\nTimeout duration was set to 1.',
          'TimeoutOverflowWarning',
        ],
      ])
    } finally {
      warn.mockRestore()
    }
  })
})

describe('microtasks', () => {
  const order = (start: (note: (what: string) => () => void) => void): string[] => {
    const got: string[] = []
    const scheduler = new VirtualScheduler()
    withVirtualTime(scheduler, () => {
      start((what) => () => void got.push(what))
      scheduler.flush()
    })
    return got
  }

  it('come before timers of the same instant, in the order in which they were asked for', () => {
    const got = order((note) => {
      asyncScheduler.schedule(note('async'), 0)
      setTimeout(note('timeout'), 0)
      asapScheduler.schedule(note('asap'))
      queueMicrotask(note('microtask'))
      of(0).pipe(observeOn(asapScheduler)).subscribe(note('observeOn'))
    })
    expect(got).toEqual(['asap', 'microtask', 'observeOn', 'async', 'timeout'])
  })

  it('come between two timers of one instant', () => {
    const got = order((note) => {
      timer(100).subscribe(() => {
        note('first')()
        asapScheduler.schedule(() => {
          note('asap')()
          queueMicrotask(note('asked for by asap'))
        })
      })
      timer(100).subscribe(note('second'))
    })
    expect(got).toEqual(['first', 'asap', 'asked for by asap', 'second'])
  })

  it('with a delay are timers', () => {
    const got = order((note) => {
      timer(10).subscribe(note('timer'))
      asapScheduler.schedule(note('asap'), 10)
    })
    expect(got).toEqual(['timer', 'asap'])
  })

  it('come in the same order in real time', async () => {
    const got: string[] = []
    asyncScheduler.schedule(() => void got.push('async'), 0)
    asapScheduler.schedule(() => void got.push('asap'))
    queueMicrotask(() => void got.push('microtask'))
    await new Promise((resolve) => setTimeout(resolve, 5))
    expect(got).toEqual(['asap', 'microtask', 'async'])
  })
})

describe('after virtual time', () => {
  it('all is as it was', () => {
    const before = globals()
    withVirtualTime(new VirtualScheduler(), () => expect(setTimeout).not.toBe(before.setTimeout))
    expect(globals()).toEqual(before)
  })

  it('all is as it was when the body throws', () => {
    const before = globals()
    expect(() =>
      withVirtualTime(new VirtualScheduler(), () => {
        throw new RangeError('from the body')
      }),
    ).toThrow('from the body')
    expect(globals()).toEqual(before)
  })

  it('an inner run gives back to the outer one', () => {
    const [outer, inner] = [new VirtualScheduler(), new VirtualScheduler()]
    withVirtualTime(outer, () => {
      outer.advanceTo(5)
      withVirtualTime(inner, () => expect(Date.now()).toBe(0))
      expect(Date.now()).toBe(5)
    })
  })

  it('a body that is async is refused', () => {
    expect(() => withVirtualTime(new VirtualScheduler(), async () => {})).toThrow('returned a promise')
  })
})

describe('raw timers', () => {
  it('are not kept once they have fired or were cleared, and a fired one can be refreshed', async () => {
    const scheduler = new WatchedScheduler(new VirtualScheduler())
    let fired = 0
    const kept: WeakRef<object>[] = []
    const run = () =>
      withVirtualTime(scheduler, () => {
        for (let i = 0; i < 1_000; i++) {
          const work = () => (fired += 1)
          kept.push(new WeakRef(work))
          const timer = setTimeout(work, 1)
          if (i % 2 === 0) clearTimeout(timer)
          scheduler.inner.advanceBy(10)
          if (i === 1) {
            timer.refresh()
            scheduler.inner.advanceBy(10)
          }
        }
        // The number of a timer that has fired clears nothing, above all no real one.
        clearTimeout(2)
        return { now: scheduler.now() }
      })
    run()
    expect(fired).toBe(501)
    expect(await scheduler.retained()).toBeLessThan(10)
    expect(kept.filter((each) => each.deref() !== undefined).length).toBeLessThan(10)
  })
})
