import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { BehaviorSubject, concat, defer, interval, merge, NEVER, Observable, of, Subject, throwError } from 'rxjs'
import { fullJitterBackoffMs, type Retry, reconnect } from '../../src/operators/index.js'
import { VirtualScheduler } from '../../src/time/index.js'
import { marbles } from './marbles.js'

const lost = new Error('lost')
/** With this the delay is exactly the bound. */
const longest = () => 1

describe('fullJitterBackoffMs', () => {
  it('is spread between 50 ms and a bound that doubles up to the cap', () => {
    const bounds = [1, 2, 3, 4, 5, 6, 7, 8, 1000].map((n) => fullJitterBackoffMs(n, { random: longest }))
    expect(bounds).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000])
    expect(fullJitterBackoffMs(1, { random: () => 0 })).toBe(50)
    expect(fullJitterBackoffMs(9, { random: () => 0 })).toBe(50)
    expect(fullJitterBackoffMs(3, { random: () => 0.5 })).toBe(1025)
  })

  it('keeps its spread at the cap: the cap comes before the jitter', () => {
    const delays = new Set([0.1, 0.4, 0.7, 0.99].map((r) => fullJitterBackoffMs(50, { random: () => r })))
    expect(delays.size).toBe(4)
  })

  it('is never longer than a timer waits: a longer one comes at once', () => {
    expect(fullJitterBackoffMs(40, { random: longest, capMs: Infinity })).toBe(2 ** 31 - 1)
  })

  it('never leaves its bounds, whatever they are', () => {
    const positive = fc.double({ min: 0.001, max: 1e9, noNaN: true })
    const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), positive, positive, chance, (attempt, baseMs, capMs, r) => {
        const delayMs = fullJitterBackoffMs(attempt, { random: () => r, baseMs, capMs })
        const boundMs = Math.min(capMs, baseMs * 2 ** (attempt - 1))
        return delayMs >= Math.min(50, boundMs) && delayMs <= boundMs
      }),
    )
  })
})

describe('reconnect', () => {
  it('subscribes again after each error, each time later, up to the cap', () => {
    const m = marbles(100)
    const subscribed: number[] = []
    const source = m.cold('#', { error: lost }, subscribed)
    const settings = { random: longest, baseMs: 100, capMs: 400, scheduler: m.scheduler }
    m.expect(source.pipe(reconnect(settings)), '----------------')
    m.run()
    expect(subscribed).toEqual([0, 1, 3, 7, 11, 15])
  })

  it('passes values and the end, and subscribes no more after it', () => {
    const m = marbles(100)
    const subscribed: number[] = []
    const source = m.cold('a-b|', {}, subscribed)
    const result = source.pipe(reconnect({ random: longest, scheduler: m.scheduler }))
    m.expect(result, '     a-b|-----------')
    m.run()
    expect(subscribed).toEqual([0])
    expect(m.scheduler.pending).toBe(0)
  })

  it('tells of each attempt: its number, its delay and the error', () => {
    const scheduler = new VirtualScheduler()
    const told: Retry[] = []
    const subscription = throwError(() => lost)
      .pipe(reconnect({ random: longest, scheduler, onRetry: (retry) => told.push(retry) }))
      .subscribe()
    scheduler.advanceTo(1500)
    subscription.unsubscribe()
    expect(told).toEqual([
      { attempt: 1, delayMs: 500, error: lost },
      { attempt: 2, delayMs: 1000, error: lost },
      { attempt: 3, delayMs: 2000, error: lost },
    ])
    expect(scheduler.pending).toBe(0)
  })

  it('passes an error that another attempt cannot help', () => {
    const m = marbles(100)
    const source = m.cold('a-#', { error: lost })
    const told: Retry[] = []
    const settings = {
      random: longest,
      retryable: (error: unknown) => error !== lost,
      onRetry: (r: Retry) => told.push(r),
    }
    m.expect(source.pipe(reconnect({ ...settings, scheduler: m.scheduler })), 'a-#', { error: lost })
    m.run()
    expect(told).toEqual([])
  })

  it('counts for each subscription by itself', () => {
    const scheduler = new VirtualScheduler()
    const told: number[] = []
    const source = throwError(() => lost).pipe(
      reconnect({ random: longest, scheduler, onRetry: ({ attempt }) => told.push(attempt) }),
    )
    source.subscribe()
    scheduler.advanceTo(600)
    source.subscribe()
    expect(told).toEqual([1, 2, 1])
  })

  /** Tells when each attempt was made, and which it was. */
  function attempts(connection: (scheduler: VirtualScheduler) => Observable<unknown>) {
    const scheduler = new VirtualScheduler()
    const told: number[] = []
    const subscribedMs: number[] = []
    defer(() => {
      subscribedMs.push(scheduler.now())
      return connection(scheduler)
    })
      .pipe(
        reconnect({
          random: longest,
          scheduler,
          onRetry: ({ attempt }) => told.push(attempt),
        }),
      )
      .subscribe()
    return { scheduler, told, subscribedMs }
  }

  const fails = (ms: number, scheduler: VirtualScheduler) =>
    new Observable<never>((subscriber) => scheduler.schedule(() => subscriber.error(lost), ms))
  const greetsAndFails = (ms: number) => (scheduler: VirtualScheduler) => concat(of('hello'), fails(ms, scheduler))

  it('grows against a server that accepts, greets and hangs up', () => {
    const { scheduler, told, subscribedMs } = attempts(greetsAndFails(5))
    scheduler.advanceTo(600_000)
    expect(told.slice(0, 7)).toEqual([1, 2, 3, 4, 5, 6, 7])
    expect(subscribedMs.length).toBeLessThan(28)
  })

  it('starts anew once values have come for a while', () => {
    const { scheduler, told } = attempts(greetsAndFails(10_001))
    scheduler.advanceTo(60_000)
    expect(new Set(told)).toEqual(new Set([1]))
    expect(told.length).toBeGreaterThan(3)
  })

  it('starts anew though values keep coming', () => {
    const { scheduler, told } = attempts((scheduler) =>
      merge(interval(1000, scheduler), concat(of('hello'), fails(15_000, scheduler))),
    )
    scheduler.advanceTo(60_000)
    expect(told).toEqual([1, 1, 1])
  })

  it('does not start anew a moment earlier', () => {
    const { scheduler, told } = attempts(greetsAndFails(9999))
    scheduler.advanceTo(60_000)
    expect(told.slice(0, 3)).toEqual([1, 2, 3])
  })

  it('does not take a connection without any value for proven', () => {
    const { scheduler, told } = attempts((scheduler) => fails(20_000, scheduler))
    scheduler.advanceTo(70_000)
    expect(told).toEqual([1, 2, 3])
  })

  describe('with proven$', () => {
    function scene() {
      const scheduler = new VirtualScheduler()
      const proven$ = new BehaviorSubject(false)
      const told: number[] = []
      let connection = new Subject<string>()
      defer(() => (connection = new Subject()))
        .pipe(reconnect({ random: longest, scheduler, proven$, onRetry: ({ attempt }) => told.push(attempt) }))
        .subscribe()
      const drop = () => {
        connection.error(lost)
        scheduler.advanceBy(40_000)
      }
      return { scheduler, proven$, told, drop, emit: () => connection.next('frame') }
    }

    it('starts anew when it has held true for 10 s', () => {
      const { scheduler, proven$, told, drop } = scene()
      drop()
      proven$.next(true)
      scheduler.advanceBy(10_000)
      proven$.next(false)
      drop()
      expect(told).toEqual([1, 1])
    })

    it('does not start anew when it held true for less, or with a break', () => {
      const { scheduler, proven$, told, drop } = scene()
      drop()
      proven$.next(true)
      scheduler.advanceBy(9999)
      proven$.next(false)
      proven$.next(true)
      scheduler.advanceBy(9999)
      drop()
      expect(told).toEqual([1, 2])
    })

    it('never starts anew where that is to take for ever', () => {
      const scheduler = new VirtualScheduler()
      const schedule = scheduler.schedule.bind(scheduler)
      // As a platform's timers do it.
      scheduler.schedule = (work, delayMs, state) => schedule(work, Number(delayMs) > 2 ** 31 - 1 ? 1 : delayMs, state)
      const told: number[] = []
      concat(of('hello'), fails(20, scheduler))
        .pipe(
          reconnect({
            random: longest,
            scheduler,
            resetAfterMs: Infinity,
            onRetry: ({ attempt }) => told.push(attempt),
          }),
        )
        .subscribe()
      scheduler.advanceTo(4_000)
      expect(told).toEqual([1, 2, 3, 4])
    })

    it('does not start anew because of values alone', () => {
      const { scheduler, told, drop, emit } = scene()
      drop()
      emit()
      scheduler.advanceBy(60_000)
      drop()
      expect(told).toEqual([1, 2])
    })

    it('does not count the time between two connections', () => {
      const scheduler = new VirtualScheduler()
      const told: number[] = []
      // Nobody told proven$ that the connection fell; each attempt fails after 6 s, the waits are longer than 10 s.
      new Observable((subscriber) => scheduler.schedule(() => subscriber.error(lost), 6000))
        .pipe(
          reconnect({
            random: longest,
            baseMs: 30_000,
            scheduler,
            proven$: new BehaviorSubject(true),
            onRetry: ({ attempt }) => told.push(attempt),
          }),
        )
        .subscribe()
      scheduler.advanceTo(120_000)
      expect(told).toEqual([1, 2, 3, 4])
    })

    it('takes an error of it for false', () => {
      const scheduler = new VirtualScheduler()
      const seen: unknown[] = []
      const proven$ = throwError(() => new Error('nobody knows'))
      concat(of('frame'), NEVER)
        .pipe(reconnect({ random: longest, scheduler, proven$ }))
        .subscribe({ next: (value) => seen.push(value), error: (error: unknown) => seen.push(error) })
      scheduler.advanceTo(60_000)
      expect(seen).toEqual(['frame'])
    })
  })

  it('leaves nothing behind when it is unsubscribed, neither while connected nor while it waits', () => {
    const scheduler = new VirtualScheduler()
    const proven$ = new BehaviorSubject(true)
    const source = new Subject()
    const connected = source.pipe(reconnect({ random: longest, scheduler, proven$ })).subscribe()
    expect(scheduler.pending).toBe(1)
    connected.unsubscribe()
    expect([scheduler.pending, proven$.observed, source.observed]).toEqual([0, false, false])
    const waiting = throwError(() => lost)
      .pipe(reconnect({ random: longest, scheduler }))
      .subscribe()
    expect(scheduler.pending).toBe(1)
    waiting.unsubscribe()
    expect(scheduler.pending).toBe(0)
  })

  it('refuses delays that would make a hot loop', () => {
    expect(() => reconnect({ random: longest, baseMs: 0 })).toThrow(RangeError)
    expect(() => reconnect({ random: longest, capMs: NaN })).toThrow(RangeError)
  })
})
