import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { BehaviorSubject, concat, NEVER, type Observable, of, Subject, take, throwError } from 'rxjs'
import {
  createGate,
  createGates,
  gate,
  GateRefused,
  type GateOptions,
  type HoldOptions,
} from '../../src/operators/index.js'
import { VirtualScheduler } from '../../src/time/index.js'
import { marbles } from './marbles.js'

const tooOld = (ms: number) =>
  new GateRefused('too-old', `the gate did not open within ${ms} ms: the value went no further`)

const reasonOf = (refused: unknown) => (refused instanceof GateRefused ? refused.reason : String(refused))

/** A gate, a lever to open it, and a log of what came out of it. */
function scene(options: GateOptions = {}, initially = false) {
  const scheduler = new VirtualScheduler()
  const open$ = new BehaviorSubject(initially)
  const gate = createGate(open$, { scheduler, ...options })
  const log: unknown[] = []
  const send = (value: unknown, hold: HoldOptions = {}, source: Observable<unknown> = of(value)) =>
    source.pipe(gate.hold(hold)).subscribe({
      next: (passed) => log.push(passed),
      error: (refused: unknown) => log.push(`${String(value)} ${reasonOf(refused)}`),
    })
  return { scheduler, open$, gate, log, send }
}

describe('gate', () => {
  const says = { values: { t: true, f: false } }

  it('holds values until it opens, lets them pass in order, and then each at once', () => {
    const m = marbles()
    const open$ = m.hot('-----t--f--t----', says)
    const input = m.hot('-a-b--c--d-e-f|')
    const result = input.pipe(gate(open$, { scheduler: m.scheduler }))
    m.expect(result, '   -----(ab)c----(de)-f|')
    m.run()
  })

  it('refuses a value that has waited for too long, at that instant', () => {
    const m = marbles()
    const open$ = m.hot('--------t', says)
    const input = m.hot('-a-------')
    const result = input.pipe(gate(open$, { maxAgeMs: 5, scheduler: m.scheduler }))
    m.expect(result, '   ------#', { error: tooOld(5) })
    m.run()
  })

  it('completes when the last value that waited has passed', () => {
    const m = marbles()
    const open$ = m.hot('----t-', says)
    const input = m.hot('ab|---')
    const result = input.pipe(gate(open$, { scheduler: m.scheduler }))
    m.expect(result, '   ----(ab|)')
    m.run()
  })

  it('lets go of what opens it when its stream ends or is left', () => {
    const open$ = new Subject<boolean>()
    const source = new Subject<number>()
    const subscription = source.pipe(gate(open$)).subscribe()
    expect(open$.observed).toBe(true)
    subscription.unsubscribe()
    expect(open$.observed).toBe(false)
    source.pipe(gate(open$)).subscribe()
    source.complete()
    expect(open$.observed).toBe(false)
  })
})

describe('createGate', () => {
  it('is shut until it is told to open', () => {
    const gate = createGate(NEVER)
    const log: unknown[] = []
    of(1)
      .pipe(gate.hold())
      .subscribe((value) => log.push(value))
    expect([log, gate.waiting, gate.open]).toEqual([[], 1, false])
  })

  it('keeps one order over all streams', () => {
    const { open$, log, send, gate } = scene()
    send('a')
    send('b', { maxAgeMs: 100 })
    send('c')
    expect(gate.waiting).toBe(3)
    open$.next(true)
    expect(log).toEqual(['a', 'b', 'c'])
    expect(gate.waiting).toBe(0)
  })

  it('has let everything pass before those who listen after it hear that it is open', () => {
    const { open$, log, send } = scene()
    open$.subscribe((open) => log.push(open))
    send('a')
    open$.next(true)
    expect(log).toEqual([false, 'a', true])
  })

  it('lets one value by itself pass in its turn among the streams, at each subscription anew', () => {
    const { open$, gate, log, send } = scene()
    const alone$ = gate.pass('alone', { maxAgeMs: 5 })
    send('first')
    alone$.subscribe({ next: (value) => log.push(value), complete: () => log.push('complete') })
    send('last')
    open$.next(true)
    alone$.subscribe((value) => log.push(value))
    expect(log).toEqual(['first', 'alone', 'complete', 'last', 'alone'])
  })

  it('refuses the newest when it is full, and lets the others pass', () => {
    const { open$, log, send } = scene({ limit: 2 })
    send('a')
    send('b')
    send('c')
    expect(log).toEqual(['c full'])
    open$.next(true)
    send('d')
    expect(log).toEqual(['c full', 'a', 'b', 'd'])
  })

  it('has room again when one that waited has left, been refused or passed', () => {
    const { open$, log, send, gate, scheduler } = scene({ limit: 1 })
    send('a').unsubscribe()
    send('b', { maxAgeMs: 10 })
    scheduler.advanceTo(10)
    send('c')
    open$.next(true)
    open$.next(false)
    send('d')
    expect(log).toEqual(['b too-old', 'c'])
    expect(gate.waiting).toBe(1)
  })

  it('takes a value out of the queue, and its timer, when its subscriber leaves', () => {
    const { open$, log, send, gate, scheduler } = scene()
    const left = send('a', { maxAgeMs: 10 })
    send('b')
    left.unsubscribe()
    expect([gate.waiting, scheduler.pending]).toEqual([1, 0])
    open$.next(true)
    scheduler.advanceTo(100)
    expect(log).toEqual(['b'])
  })

  it('looks at the age once more at the instant of passing: a timer may be late', () => {
    const scheduler = new VirtualScheduler()
    let nowMs = 0
    const { open$, log, send } = scene({
      scheduler,
      stopwatch: () => {
        const start = nowMs
        return () => nowMs - start
      },
    })
    send('a', { maxAgeMs: 5000 })
    send('b', { maxAgeMs: 90_000 })
    // The machine slept; no timer has run yet, but the connection is back.
    nowMs = 60_000
    open$.next(true)
    expect(log).toEqual(['a too-old', 'b'])
  })

  it('leaves no timer behind when a value has passed', () => {
    const { open$, send, scheduler } = scene()
    send('a', { maxAgeMs: 10 })
    open$.next(true)
    expect(scheduler.pending).toBe(0)
  })

  it('sets no timer for an age that no timer can keep, and still looks at it', () => {
    const { send, scheduler } = scene()
    send('a', { maxAgeMs: 2 ** 31 })
    send('b', { maxAgeMs: Infinity })
    expect(scheduler.pending).toBe(0)
  })

  it('keeps the rest when a value that passes shuts it again', () => {
    const { open$, log, send, gate } = scene()
    of('a')
      .pipe(gate.hold())
      .subscribe((value) => {
        log.push(value)
        open$.next(false)
      })
    send('b')
    open$.next(true)
    expect([log, gate.waiting]).toEqual([['a'], 1])
    open$.next(true)
    expect(log).toEqual(['a', 'b'])
  })

  it('goes on when a value that passes shuts it and opens it again', () => {
    const { open$, log, send, gate } = scene()
    of('a')
      .pipe(gate.hold())
      .subscribe((value) => {
        open$.next(false)
        open$.next(true)
        log.push(value)
      })
    send('b')
    open$.next(true)
    expect(log).toEqual(['a', 'b'])
  })

  it('puts a value that arrives while others pass to the end, even behind the last of them', () => {
    const { open$, log, send, gate } = scene()
    const answers = (value: string, answer: string) =>
      of(value)
        .pipe(gate.hold())
        .subscribe(() => {
          send(answer)
          log.push(value)
        })
    answers('a', 'c')
    answers('b', 'd')
    open$.next(true)
    expect(log).toEqual(['a', 'b', 'c', 'd'])
  })

  it('lets a value that arrives while the last one passes wait until that has passed', () => {
    const { open$, log, send, gate } = scene()
    of('a')
      .pipe(gate.hold())
      .subscribe(() => {
        send('b')
        log.push('a')
      })
    open$.next(true)
    expect(log).toEqual(['a', 'b'])
  })

  it('refuses a value that would pass in the very instant in which it is too old', () => {
    const { open$, log, send, scheduler } = scene()
    // Before the value's own timer, which is due at the same instant.
    scheduler.schedule(() => open$.next(true), 10)
    send('a', { maxAgeMs: 10 })
    scheduler.advanceTo(10)
    expect(log).toEqual(['a too-old'])
  })

  it('is shut for a value that arrives while the last one passes and shuts it', () => {
    const { open$, log, send, gate } = scene()
    of('a')
      .pipe(gate.hold())
      .subscribe(() => {
        open$.next(false)
        send('b')
      })
    open$.next(true)
    expect([log, gate.waiting]).toEqual([[], 1])
  })

  it('refuses what waits and what comes later when that which opens it has failed, and tells why', () => {
    const { open$, gate } = scene()
    const refused: unknown[] = []
    const cause = new Error('login failed')
    of(1)
      .pipe(gate.hold())
      .subscribe({ error: (error: unknown) => refused.push(error) })
    open$.error(cause)
    of(2)
      .pipe(gate.hold())
      .subscribe({ error: (error: unknown) => refused.push(error) })
    expect(refused).toMatchObject([
      { reason: 'ended', cause },
      { reason: 'ended', cause },
    ])
  })

  it('refuses what comes after the end of that which opened it: nobody could shut it any more', () => {
    const { open$, log, send, gate } = scene({}, true)
    send('a')
    open$.complete()
    send('b')
    expect(log).toEqual(['a', 'b ended'])
    expect(gate.open).toBe(false)
  })

  it('refuses what waits when it is unsubscribed, and lets go of what opens it', () => {
    const { open$, log, send, gate, scheduler } = scene()
    send('a', { maxAgeMs: 100 })
    send('b')
    gate.unsubscribe()
    send('c')
    expect(log).toEqual(['a ended', 'b ended', 'c ended'])
    expect([open$.observed, gate.waiting, scheduler.pending]).toEqual([false, 0, 0])
  })

  it('ends while it lets values pass: the rest is refused', () => {
    const { open$, log, send, gate } = scene()
    of('a')
      .pipe(gate.hold())
      .subscribe((value) => {
        log.push(value)
        gate.unsubscribe()
      })
    send('b')
    open$.next(true)
    expect(log).toEqual(['a', 'b ended'])
  })

  it('takes all values of a stream out when one of them is refused or the stream fails', () => {
    const { open$, log, send, gate } = scene({ limit: 2 })
    send('abc', {}, of('a', 'b', 'c'))
    expect([log, gate.waiting]).toEqual([['abc full'], 0])
    send(
      'x',
      {},
      concat(
        of('x'),
        throwError(() => new Error('own error')),
      ),
    )
    open$.next(true)
    expect(log).toEqual(['abc full', 'x Error: own error'])
  })

  it('serves a stream that is left after its first value', () => {
    const { open$, log, gate } = scene()
    of(1, 2, 3)
      .pipe(gate.hold(), take(1))
      .subscribe((value) => log.push(value))
    open$.next(true)
    expect([log, gate.waiting]).toEqual([[1], 0])
  })

  it('keeps order, loses nothing and never holds more than the limit, whatever happens', () => {
    const step = fc.oneof(
      {
        weight: 5,
        arbitrary: fc.record({ do: fc.constant('send' as const), maxAgeMs: fc.integer({ min: 1, max: 20 }) }),
      },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('leave' as const), which: fc.nat(50) }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('open' as const), open: fc.boolean() }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 10 }) }) },
    )
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 100 }),
        fc.integer({ min: 0, max: 5 }),
        fc.boolean(),
        (steps, limit, fails) => {
          const scheduler = new VirtualScheduler()
          const open$ = new BehaviorSubject(false)
          const gate = createGate(open$, { limit, scheduler })
          const ends: string[][] = []
          const passed: number[] = []
          const leave: (() => void)[] = []
          for (const each of steps) {
            if (each.do === 'wait') scheduler.advanceBy(each.ms)
            else if (each.do === 'open') open$.next(each.open)
            else if (each.do === 'leave') leave[each.which]?.()
            else {
              const n = ends.length
              const sentMs = scheduler.now()
              const end: string[] = []
              ends.push(end)
              const subscription = of(n)
                .pipe(gate.hold({ maxAgeMs: each.maxAgeMs }))
                .subscribe({
                  next: () => {
                    expect(open$.value).toBe(true)
                    expect(scheduler.now() - sentMs).toBeLessThan(each.maxAgeMs)
                    passed.push(n)
                    end.push('passed')
                  },
                  error: (refused: unknown) => {
                    const reason = reasonOf(refused)
                    if (reason === 'too-old') expect(scheduler.now() - sentMs).toBe(each.maxAgeMs)
                    if (reason === 'full') expect(gate.waiting).toBe(limit)
                    end.push(reason)
                  },
                })
              leave.push(() => {
                if (!subscription.closed) end.push('left')
                subscription.unsubscribe()
              })
            }
            expect(gate.waiting).toBeLessThanOrEqual(limit)
            expect(gate.waiting).toBe(ends.filter((end) => end.length === 0).length)
          }
          if (fails) open$.error(new Error('over'))
          else gate.unsubscribe()
          expect(ends.map((end) => end.length)).toEqual(ends.map(() => 1))
          expect(passed).toEqual([...passed].sort((a, b) => a - b))
          expect(scheduler.pending).toBe(0)
        },
      ),
      { numRuns: 300 },
    )
  })
})

describe('createGates', () => {
  const shut = { commands: false, orders: false }
  const gates = (options: GateOptions = {}) => {
    const open$ = new BehaviorSubject(shut)
    const made = createGates(open$, ['commands', 'orders'], { scheduler: new VirtualScheduler(), ...options })
    const log: unknown[] = []
    const send = (name: keyof typeof made, value: string, andThen: () => void = () => undefined) =>
      made[name].pass(value).subscribe({
        next: (passed) => {
          log.push(passed)
          andThen()
        },
        error: (refused: unknown) => log.push(`${value} ${reasonOf(refused)}`),
      })
    return { open$, made, log, send }
  }

  it('keeps one order over all gates that open together', () => {
    const { open$, log, send } = gates()
    send('orders', 'a')
    send('commands', 'b')
    send('orders', 'c')
    open$.next({ commands: true, orders: true })
    expect(log).toEqual(['a', 'b', 'c'])
  })

  it('lets values at an open gate pass those that wait at a shut one', () => {
    const { open$, log, send, made } = gates()
    send('orders', 'a')
    send('commands', 'b')
    open$.next({ commands: true, orders: false })
    send('commands', 'c')
    expect([log, made.orders.waiting, made.commands.waiting]).toEqual([['b', 'c'], 1, 0])
    open$.next({ commands: true, orders: true })
    expect(log).toEqual(['b', 'c', 'a'])
  })

  it('goes back to the first value that waits where a gate opens while another value passes', () => {
    const { open$, log, send } = gates()
    send('orders', 'a')
    send('commands', 'b', () => open$.next({ commands: true, orders: true }))
    send('commands', 'c')
    open$.next({ commands: true, orders: false })
    expect(log).toEqual(['b', 'a', 'c'])
  })

  it('keeps back the rest where a value that passes shuts a gate', () => {
    const { open$, log, send } = gates()
    send('orders', 'a', () => open$.next({ commands: true, orders: false }))
    send('orders', 'b')
    send('commands', 'c')
    open$.next({ commands: true, orders: true })
    expect(log).toEqual(['a', 'c'])
  })

  it('counts what waits for each gate by itself', () => {
    const { log, send } = gates({ limit: 1 })
    for (const value of ['a', 'b']) send('orders', value)
    send('commands', 'c')
    expect(log).toEqual(['b full'])
  })

  it('ends one gate alone, and lets go of what opens them with the last', () => {
    const { open$, made, log, send } = gates()
    send('orders', 'a')
    send('commands', 'b')
    made.orders.unsubscribe()
    send('orders', 'c')
    open$.next({ commands: true, orders: true })
    expect([log, made.orders.open, open$.observed]).toEqual([['a ended', 'c ended', 'b'], false, true])
    made.commands.unsubscribe()
    expect(open$.observed).toBe(false)
  })
})
