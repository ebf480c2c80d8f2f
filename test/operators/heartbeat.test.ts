import { describe, expect, it } from '@jest/globals'
import { NEVER, of, Subject } from 'rxjs'
import { heartbeat, PeerSilent, type Stopwatch } from '../../src/operators/index.js'
import { VirtualScheduler } from '../../src/time/index.js'
import { marbles } from './marbles.js'

const SECOND = 1000
const noFrame = (ms: number) => new PeerSilent('no-frame', ms)
const unanswered = (ms: number) => new PeerSilent('unanswered-ping', ms)

/** A second per column; pings are told in `ping$`. */
function scene() {
  const m = marbles(SECOND)
  const ping$ = new Subject<string>()
  const settings = {
    ping: () => ping$.next('p'),
    everyMs: 5 * SECOND,
    deadAfterMs: 11 * SECOND,
    scheduler: m.scheduler,
  }
  return { ...m, ping$, settings }
}

describe('heartbeat', () => {
  it('pings from the subscription on, and takes the other side for dead after 11 s of silence', () => {
    const { hot, expect, run, ping$, settings } = scene()
    const source = hot('----------------')
    const result = source.pipe(heartbeat(settings))
    expect(ping$, '     -----p----p-----')
    expect(result, '    -----------#', { error: noFrame(11_000) })
    run()
  })

  it('takes any value for life and passes it on', () => {
    const { hot, expect, run, ping$, settings } = scene()
    const source = hot('a--------b---------c--------------')
    const result = source.pipe(heartbeat(settings))
    expect(ping$, '     -----p----p----p----p----p----p---')
    expect(result, '    a--------b---------c----------#', { error: noFrame(11_000) })
    run()
  })

  it('takes 11 s without an answer for death, though other values still flow in', () => {
    const { hot, expect, run, ping$, settings } = scene()
    // The ping at 5 s is answered at 6 s; those at 10 s and 15 s never are.
    const source = hot('a-a-a-oa-a-a-a-a-a-a-a-a-a-a-')
    const result = source.pipe(heartbeat({ ...settings, isAnswer: (value) => value === 'o' }))
    expect(ping$, '     -----p----p----p----')
    expect(result, '    a-a-a-oa-a-a-a-a-(a#)', { error: unanswered(11_000) })
    run()
  })

  it('does not care for unanswered pings where no answer is expected', () => {
    const { hot, expect, run, settings } = scene()
    const source = hot('-a-a-a-a-a-a-a-a-a-a-a-a-a-a-')
    const result = source.pipe(heartbeat(settings))
    expect(result, '    -a-a-a-a-a-a-a-a-a-a-a-a-a-a-')
    run()
  })

  it('lives with a server that skips an answer now and then', () => {
    const { hot, expect, run, ping$, settings } = scene()
    const source = hot('------o---------o---------o----')
    const result = source.pipe(heartbeat({ ...settings, isAnswer: () => true }))
    expect(ping$, '     -----p----p----p----p----p----p')
    expect(result, '    ------o---------o---------o----')
    run()
  })

  it('tells the round trip of each answered ping, and ignores an answer to none', () => {
    const { hot, at, run, settings, scheduler, ping$, expect: expectMarbles } = scene()
    const latencies: [number, number][] = []
    const onLatency = (ms: number) => latencies.push([scheduler.now(), ms])
    const source = hot('      -o---------o-o---')
    const result = source.pipe(heartbeat({ ...settings, isAnswer: () => true, onLatency }))
    expectMarbles(ping$, '    -----p----p----p-')
    expectMarbles(result, '   -o---------o-o---')
    at(17, () =>
      expect(latencies).toEqual([
        [11_000, 6000],
        [13_000, 3000],
      ]),
    )
    run()
  })

  it('gives a ping half the deadline at least, however long ago the last answer came', () => {
    const { hot, expect, run, ping$, settings } = scene()
    const source = hot('a-a-a-a-a-a-oa-a-a-a-a-a-oa-a-a-a-a-a-a-a-')
    const result = source.pipe(heartbeat({ ...settings, everyMs: 10 * SECOND, isAnswer: (value) => value === 'o' }))
    expect(ping$, '     ----------p---------p---------p-----')
    // The answer at 12 s would be 11 s ago at 23 s, but the ping at 20 s has until 25.5 s. The one at 30 s is never answered.
    expect(result, '    a-a-a-a-a-a-oa-a-a-a-a-a-oa-a-a-a-a-(a#)', { error: unanswered(11_000) })
    run()
  })

  it('does not tell ever longer round trips of a server that answers every second ping', () => {
    const { scheduler } = scene()
    const source = new Subject<string>()
    const latencies: number[] = []
    const onLatency = (ms: number) => latencies.push(ms)
    source.pipe(heartbeat({ ping: () => undefined, isAnswer: () => true, onLatency, scheduler })).subscribe()
    for (let s = 10; s <= 100; s += 10) scheduler.schedule(() => source.next('o'), s * SECOND + 100)
    scheduler.advanceTo(101 * SECOND)
    expect(latencies).toHaveLength(10)
    expect(Math.max(...latencies)).toBeLessThanOrEqual(11_000)
  })

  it('hears an answer that comes while the ping is still being sent', () => {
    const { scheduler } = scene()
    const source = new Subject<string>()
    const latencies: number[] = []
    const options = { isAnswer: () => true, onLatency: (ms: number) => latencies.push(ms), scheduler }
    source.pipe(heartbeat({ ...options, ping: () => source.next('o') })).subscribe()
    scheduler.advanceTo(60 * SECOND)
    expect(latencies).toEqual(Array.from({ length: 12 }, () => 0))
  })

  it('ends with its source, and leaves no timer behind', () => {
    const { hot, expect: expectMarbles, run, settings, scheduler } = scene()
    expectMarbles(hot('-a-|').pipe(heartbeat(settings)), '-a-|')
    run()
    expect(scheduler.pending).toBe(0)
    of(1).pipe(heartbeat(settings)).subscribe()
    expect(scheduler.pending).toBe(0)
    NEVER.pipe(heartbeat(settings)).subscribe().unsubscribe()
    expect(scheduler.pending).toBe(0)
  })

  it('passes an error of its source, and lets go of the source when the other side is dead', () => {
    const { hot, expect: expectMarbles, run, settings } = scene()
    expectMarbles(hot('-a-#').pipe(heartbeat(settings)), '-a-#')
    run()
    const scheduler = new VirtualScheduler()
    const source = new Subject()
    source.pipe(heartbeat({ ...settings, scheduler })).subscribe({ error: () => undefined })
    scheduler.advanceTo(11_000)
    expect(source.observed).toBe(false)
    expect(scheduler.pending).toBe(0)
  })

  it('ends with what ping throws', () => {
    const { expect, run, settings } = scene()
    const error = new Error('wire is gone')
    const ping = () => {
      throw error
    }
    expect(NEVER.pipe(heartbeat({ ...settings, ping })), '-----#', { error })
    run()
  })

  it('sets no timer again for a value', () => {
    const { settings } = scene()
    const scheduler = new VirtualScheduler()
    let scheduled = 0
    const counting = {
      now: () => scheduler.now(),
      schedule: ((...args: Parameters<VirtualScheduler['schedule']>) => {
        scheduled += 1
        return scheduler.schedule(...args)
      }) as VirtualScheduler['schedule'],
    }
    const source = new Subject<number>()
    source.pipe(heartbeat({ ...settings, scheduler: counting })).subscribe()
    for (let n = 0; n < 1000; n++) source.next(n)
    expect(scheduled).toBe(2)
    expect(scheduler.pending).toBe(2)
  })

  it('refuses a deadline that comes before the first ping', () => {
    expect(() => heartbeat({ ping: () => undefined, everyMs: 5000, deadAfterMs: 5000 })).toThrow(RangeError)
    expect(() => heartbeat({ ping: () => undefined, everyMs: 0 })).toThrow(RangeError)
  })

  it('refuses a deadline that no timer waits out: it would come at once', () => {
    for (const deadAfterMs of [Infinity, 2 ** 31, NaN]) {
      expect(() => heartbeat({ ping: () => undefined, deadAfterMs })).toThrow(RangeError)
    }
  })
})

describe('heartbeat after its timers were late', () => {
  /** The process is stopped: time passes on the clock, but nothing runs. */
  function stopped(stopwatchIsGiven: boolean) {
    const scheduler = new VirtualScheduler()
    let aheadMs = 0
    const nowMs = () => scheduler.now() + aheadMs
    const stopwatch: Stopwatch = () => {
      const start = nowMs()
      return () => nowMs() - start
    }
    const source = new Subject<string>()
    const seen: unknown[] = []
    const clocked = { now: nowMs, schedule: scheduler.schedule.bind<VirtualScheduler['schedule']>(scheduler) }
    source
      .pipe(
        heartbeat({ ping: () => seen.push('ping'), scheduler: clocked, ...(stopwatchIsGiven ? { stopwatch } : {}) }),
      )
      .subscribe({ next: (value) => seen.push(value), error: (error: unknown) => seen.push(error) })
    return { scheduler, source, seen, jump: (ms: number) => (aheadMs += ms) }
  }

  it('lets a value win that lies in the socket already', () => {
    const { scheduler, source, seen, jump } = stopped(true)
    scheduler.advanceTo(4000)
    jump(60_000)
    // When the process goes on, the timers that are due come first, the socket after them.
    scheduler.schedule(() => source.next('in the socket'), 7000)
    scheduler.advanceTo(11_000)
    expect(seen).toEqual(['ping', 'ping', 'in the socket'])
  })

  it('is dead after one turn with nothing in the socket', () => {
    const { scheduler, seen, jump } = stopped(true)
    scheduler.advanceTo(4000)
    jump(60_000)
    // The first ping behind the stop counts as sent half a second late, by the timers: its answer has as much more time.
    scheduler.advanceTo(11_500)
    expect(seen.at(-1)).toBeInstanceOf(PeerSilent)
    expect(seen.at(-1)).toMatchObject({ kind: 'no-frame', silentMs: 71_500 })
  })

  it('lets a value win each time that it lies in the socket', () => {
    const { scheduler, source, seen } = stopped(true)
    for (const ms of [11_000, 22_000, 33_000]) {
      scheduler.advanceTo(ms - 1)
      scheduler.schedule(() => source.next('in the socket'), 1)
    }
    scheduler.advanceTo(40_000)
    expect(seen.filter((each) => each !== 'ping')).toEqual(['in the socket', 'in the socket', 'in the socket'])
  })

  it('comes to its verdict where the deadline is less away than the clock can show', () => {
    const scheduler = new VirtualScheduler()
    const value$ = new Subject<string>()
    const errors: unknown[] = []
    const stopwatch: Stopwatch = () => {
      const start = scheduler.now()
      return () => scheduler.now() - start
    }
    const settings = { ping: () => undefined, everyMs: 5_000, deadAfterMs: 11_000, scheduler, stopwatch }
    // Of these two instants the deadline is 2e-12 ms away when its timer comes, and at 18,000 ms a double has steps of 4e-12.
    scheduler.schedule(
      () => value$.pipe(heartbeat(settings)).subscribe({ error: (error: unknown) => errors.push(error) }),
      7071.485354938284,
    )
    scheduler.schedule(() => value$.next('a'), 7077.548122194743)
    scheduler.flush({ maxActions: 100 })
    expect(errors).toHaveLength(1)
    expect(scheduler.now()).toBeCloseTo(7077.548 + 11_000, -1)
  })

  it('is not fooled by a wall clock that jumps an hour ahead', () => {
    const { scheduler, source, seen, jump } = stopped(false)
    scheduler.advanceTo(9000)
    source.next('a')
    jump(3_600_000)
    scheduler.advanceTo(17_000)
    expect(seen.filter((each) => each instanceof PeerSilent)).toEqual([])
    scheduler.advanceTo(30_000)
    expect(seen.filter((each) => each instanceof PeerSilent)).toHaveLength(1)
  })

  it('is not fooled by a wall clock that jumps an hour back', () => {
    const { scheduler, source, seen, jump } = stopped(false)
    scheduler.advanceTo(5000)
    source.next('a')
    jump(-3_600_000)
    scheduler.advanceTo(30_000)
    expect(seen.at(-1)).toBeInstanceOf(PeerSilent)
  })

  it('dies in time when the wall clock keeps jumping back', () => {
    const { scheduler, seen, jump } = stopped(false)
    for (let s = 1; s <= 30; s++) {
      scheduler.advanceTo(s * 1000)
      jump(-5000)
    }
    expect(seen.at(-1)).toBeInstanceOf(PeerSilent)
    expect(seen.filter((each) => each === 'ping').length).toBeLessThanOrEqual(4)
  })
})
