import { describe, expect, it } from '@jest/globals'
import {
  concatMap,
  debounceTime,
  defer,
  delay,
  EMPTY,
  from,
  interval,
  map,
  merge,
  mergeMap,
  NEVER,
  Observable,
  of,
  retry,
  share,
  Subject,
  take,
  tap,
  throwError,
  timer,
  timestamp,
} from 'rxjs'
import { like, MarblesFailed, marbles, NotationError, runScenario, type Scenario } from '../../src/testing/index.js'

const failure = (scenario: Scenario): string => {
  try {
    marbles(scenario)
  } catch (error) {
    if (error instanceof MarblesFailed || error instanceof NotationError) return error.message
    throw error
  }
  throw new Error('the scenario passed')
}

class Reject extends Error {
  readonly code: number
  constructor(message: string, code: number) {
    super(message)
    this.code = code
  }
}

describe('marbles', () => {
  it('test a strategy: market lane in, orders lane out', () => {
    const buy = (price: number) => ({ action: 'BUY', price })
    marbles({
      lanes: `
        price     100   1s 98                  1s 103
        orders          1s 500ms buy(98)       1s buy(103)`,
      words: { buy },
      run: ({ hot }) => ({
        orders: hot<number>('price').pipe(
          map((price) => (price === 100 ? 0 : price)),
          debounceTime(500),
          mergeMap((price) => (price === 0 ? EMPTY : of(buy(price)))),
        ),
      }),
    })
  })

  it('play a cold lane from its beginning for each subscriber, and tell who subscribed when', () => {
    marbles({
      lanes: `
        source   10ms a 10ms #lost
        out      10ms a 120ms a 10ms #lost
        subs     ^ 120ms ^`,
      values: { a: 1 },
      errors: { lost: new Reject('lost', 1) },
      run: ({ cold, subscriptions }) => ({
        out: cold('source').pipe(retry({ count: 1, delay: 100 })),
        subs: subscriptions('source'),
      }),
    })
  })

  it('subscribe at ^ and unsubscribe at !, before and after all else at that instant', () => {
    marbles({
      lanes: `
        ticks    a 1s b 1s c 1s d    // ^ and ! of the input are asserted
        out      1s ^ b 1s (c !)
        source   a 1s ^ b 1s (c !) 1s d`,
      values: { a: 1, b: 2, c: 3, d: 4 },
      run: ({ hot }) => ({
        out: merge(hot('ticks'), hot('source')).pipe(
          // Two hot lanes play the same values: one of each is enough.
          map((n, i) => [n, i] as const),
          mergeMap(([n, i]) => (i % 2 === 0 ? of(n) : EMPTY)),
        ),
      }),
    })
  })

  it('unsubscribe at the instant of !, also when nothing else happens then', () => {
    const left: number[] = []
    marbles({
      lanes: 'out   ^ 5ms 1 995ms !',
      run: ({ scheduler }) => ({
        out: new Observable((subscriber) => {
          timer(5).subscribe(() => subscriber.next(1))
          return () => left.push(scheduler.now(), Date.now())
        }),
      }),
    })
    expect(left).toEqual([1000, 1000])
  })

  it('let things be done at an instant', () => {
    const subject = new Subject<string>()
    marbles({
      lanes: `out   5ms 'one' 5ms 'two'`,
      run: ({ at }) => {
        at(5, () => subject.next('one'))
        at(10, () => subject.next('two'))
        return { out: subject }
      },
    })
  })

  it('compare errors by class and fields', () => {
    const failing = (error: Error) => timer(5).pipe(mergeMap(() => throwError(() => error)))
    marbles({
      lanes: `
        exact    5ms #no(3)
        class    5ms #any
        fields   5ms #some`,
      errors: { no: (code: number) => new Reject('no', code), any: Reject, some: like(Reject, { code: 3 }) },
      run: () => ({
        exact: failing(new Reject('no', 3)),
        class: failing(new Reject('no', 4)),
        fields: failing(new Reject('what else', 3)),
      }),
    })
  })

  it('may allow some time, or look at the order alone', () => {
    marbles({
      lanes: `
        about [within 50ms]   1s 0 1s 1 |
        order [in order]      0 1 |`,
      run: () => ({ about: interval(1020).pipe(take(2)), order: interval(77).pipe(take(2)) }),
    })
  })

  it('may expect silence, and an input without subscribers, where that is written', () => {
    marbles({
      lanes: `
        source                     a 1s a
        spare [never subscribed]   a
        out [silent]`,
      values: { a: 1 },
      run: ({ hot, cold }) => {
        const spare = cold('spare')
        return { out: hot('source').pipe(mergeMap((n) => (n === 1 ? NEVER : spare))) }
      },
    })
  })

  it('run for the given time, where the pipeline has no end', () => {
    marbles({
      lanes: 'out   1s 0 1s 1 1s 2',
      untilMs: 3500,
      run: () => ({ out: interval(1000) }),
    })
  })

  it('run raw timers and clocks in virtual time as well', () => {
    marbles({
      lanes: 'out   1500ms 1001500',
      startMs: 1_000_000,
      run: ({ clock }) => ({
        out: new Observable((subscriber) => {
          setTimeout(() => {
            expect(clock.wall()).toBe(Date.now())
            subscriber.next(Date.now())
          }, 1500)
        }),
      }),
    })
  })

  it('are over in no time, however long they last', () => {
    const before = Date.now()
    marbles({ lanes: 'out   8h 0 |', untilMs: 36_000_000, run: () => ({ out: timer(28_800_000) }) })
    expect(Date.now() - before).toBeLessThan(1000)
  })

  it('put everything back', () => {
    const before = [setTimeout, Date, Date.now, setInterval]
    failure({
      lanes: 'out a',
      values: { a: 1 },
      run: () => {
        throw new Error('early')
      },
    })
    expect([setTimeout, Date, Date.now, setInterval]).toEqual(before)
  })

  it('can be run without throwing', () => {
    const run = runScenario({ lanes: 'out   1s 0 |', run: () => ({ out: timer(999) }) })
    expect(run.passed).toBe(false)
    expect(run.lanes[0]?.records).toEqual([
      { atMs: 999, kind: 'next', value: 0 },
      { atMs: 999, kind: 'complete', value: undefined },
    ])
  })
})

/** One test for each silent pass that was found in other tools. */
describe('what passes silently elsewhere fails here:', () => {
  it('1. an expectation that was never made', () => {
    expect(failure({ lanes: 'out a', values: { a: 1 }, run: () => ({}) })).toMatch(
      /nothing is asserted[^]*the lane "out" is neither played nor asserted/,
    )
  })
  it('2. a marble without a value', () => {
    expect(
      failure({
        lanes: 'out   1s a 1s bb',
        values: { a: undefined },
        run: () => ({
          out: timer(1000, 1000).pipe(
            map(() => undefined),
            take(2),
          ),
        }),
      }),
    ).toContain('line 1, column 15: there is no value or word "bb"; there are a')
  })
  it('3. an error of another class with the same message', () => {
    expect(
      failure({
        lanes: 'out   #x',
        errors: { x: new Error('X') },
        run: () => ({ out: throwError(() => new Reject('X', 10042)) }),
      }),
    ).toContain(`value differs: expected Error: Error('X'), received Reject: Reject('X')`)
  })
  it('4. a promise in the pipeline', () => {
    const soon = Promise.resolve(1)
    const scenario = (out: (n$: Observable<number>) => Observable<unknown>): Scenario => ({
      lanes: `n     1 1s 2
              out [silent]`.replace(/\n\s+/, '\n'),
      run: ({ hot }) => ({ out: out(hot<number>('n')) }),
    })
    for (const out of [
      (n$: Observable<number>) => n$.pipe(mergeMap(() => soon)),
      (n$: Observable<number>) => n$.pipe(concatMap(async (n) => n)),
      (n$: Observable<number>) =>
        n$.pipe(
          mergeMap(() => from(soon)),
          delay(5),
        ),
      (n$: Observable<number>) => {
        const late = new Subject()
        const later = async () => {
          await soon
          late.next(1)
        }
        return n$.pipe(
          tap(() => void later()),
          mergeMap(() => late),
        )
      },
    ]) {
      expect(failure(scenario(out))).toMatch(/a promise was met \((test\/testing\/marbles.test.ts:\d+|by a library)/)
    }
  })
  it('4. a promise as a value', () => {
    expect(
      failure({ lanes: 'out   1s 0 |', run: () => ({ out: timer(1000).pipe(map(() => Promise.resolve(0))) }) }),
    ).toContain('the lane "out" emitted a promise at 1s')
  })
  it('4. a raw setTimeout', () => {
    expect(
      failure({
        lanes: 'n     1\nout [silent]',
        run: ({ hot }) => ({
          out: hot('n').pipe(mergeMap(() => new Observable((to) => void setTimeout(() => to.next('late'), 70)))),
        }),
      }),
    ).toMatch(/\^1 'late': extra \(received at 70ms\)/)
  })
  it('5. an empty callback', () => {
    expect(failure({ lanes: 'out a', values: { a: 1 }, run: (() => undefined) as never })).toContain(
      'nothing is asserted',
    )
  })
  it('6. two runs that would be drawn alike', () => {
    expect(
      failure({
        lanes: 'out   1ms (a b) 1ms (c |)',
        values: { a: 'a', b: 'b', c: 'c' },
        run: () => ({ out: merge(timer(1).pipe(mergeMap(() => of('a', 'b'))), timer(1).pipe(map(() => 'c'))) }),
      }),
    ).toMatch(/\^1 c: early by 1ms/)
    const text = failure({
      lanes: 'out   1s a',
      values: { a: { q: 1 } },
      run: () => ({ out: timer(1000).pipe(mergeMap(() => merge(of({ q: '1' }), NEVER))) }),
      untilMs: 2000,
    })
    expect(text).toContain("value differs at q: expected 1, received '1'")
  })
})

describe('a scenario that proves nothing fails and says so:', () => {
  const values = { a: 1 }
  it.each<[string, Scenario, RegExp]>([
    ['nothing happened', { lanes: 'out [silent]', run: () => ({ out: NEVER }) }, /nothing happened: no event was seen/],
    [
      'a lane without a subscription',
      { lanes: 'n a\nout 1s 0 |', values, run: ({ hot }) => (hot('n'), { out: timer(1000) }) },
      /nothing subscribed to the lane "n"/,
    ],
    [
      'a lane that is subscribed to though it should not be',
      { lanes: 'n [never subscribed] a\nout a', values, run: ({ hot }) => ({ out: hot('n') }) },
      /said to be never subscribed, but was at 0/,
    ],
    [
      'an unused lane',
      { lanes: 'n a\nout 1s 0 |', values, run: () => ({ out: timer(1000) }) },
      /the lane "n" is neither played nor asserted/,
    ],
    [
      'a lane that is not there',
      { lanes: 'out 1s 0 |', run: () => ({ out: timer(1000), put: NEVER }) },
      /run returns "put", but there is no such lane; there are out/,
    ],
    [
      'a lane that expects nothing',
      { lanes: 'n a\nout ', values, run: ({ hot }) => ({ out: hot('n').pipe(mergeMap(() => EMPTY)) }) },
      /the lane "out" expects nothing: write \[silent\]/,
    ],
    [
      'an input without an event',
      { lanes: 'n \nout 1s 0', untilMs: 1500, run: ({ hot }) => ({ out: merge(hot('n'), timer(1000)) }) },
      /the lane "n" has no event to play/,
    ],
    [
      'a lane that is silent and is not',
      { lanes: 'out [silent] 1s a', values, run: () => ({ out: NEVER }) },
      /said to be silent, but has events/,
    ],
    [
      'a value that no lane uses',
      { lanes: 'out 1s 0 |', values, run: () => ({ out: timer(1000) }) },
      /the value "a" is used in no lane/,
    ],
    [
      'an error that no lane uses',
      { lanes: 'out 1s 0 |', errors: { lost: new Error('lost') }, run: () => ({ out: timer(1000) }) },
      /the error "lost" is used in no lane/,
    ],
    [
      'a timer that is left',
      {
        lanes: 'out 1s 0',
        untilMs: 1500,
        run: () => ({ out: defer(() => (void setInterval(() => {}, 10), timer(1000))) }),
      },
      /timers are still running 1m later/,
    ],
    [
      'a pipeline without an end',
      { lanes: 'out 1s 0 1s 1', run: () => ({ out: interval(1000) }) },
      /has not become quiet within 1h: give untilMs/,
    ],
    [
      'a pipeline that spins',
      { lanes: 'out 1s 0', maxActions: 1000, run: () => ({ out: interval(0) }) },
      /1000 actions have run[^]*has run \d+ times/,
    ],
    [
      'an event that comes after the end of the run',
      { lanes: 'out 1s 0 1s 1', untilMs: 1500, run: () => ({ out: interval(1000) }) },
      /expects 1 at 2s, but the run ends at 1.5s/,
    ],
    [
      'a run that is async',
      { lanes: 'out a', values, run: (async () => ({ out: NEVER })) as never },
      /run returned a promise/,
    ],
    [
      'a run that throws',
      {
        lanes: 'out a',
        values,
        run: () => {
          throw new Error('at once')
        },
      },
      /run threw: Error: at once/,
    ],
    [
      'a subscriber that throws',
      {
        lanes: 'out 1s 0 |',
        run: () => ({
          out: new Observable((to) => {
            timer(1000).subscribe(to)
            timer(5).subscribe(() => {
              throw new Error('inside')
            })
          }),
        }),
      },
      /at 5ms something threw: Error: inside/,
    ],
    [
      'a lane that is asked for and is not there',
      { lanes: 'out a', values, run: ({ hot }) => ({ out: hot('in') }) },
      /there is no lane "in"; there are out/,
    ],
    [
      'a lane that is played and asserted',
      { lanes: 'out a', values, run: ({ hot }) => ({ out: hot('out') }) },
      /"out" is played and asserted/,
    ],
    [
      'an output that is no observable',
      { lanes: 'out a', values, run: () => ({ out: 5 }) as never },
      /run returns 5 for "out"; it should be an observable/,
    ],
    [
      'an error that can only be expected',
      { lanes: 'n #e\nout #e', errors: { e: Reject }, run: ({ hot }) => ({ out: hot('n') }) },
      /"n" is played, so #e must be an error/,
    ],
    [
      'a word with too few arguments',
      { lanes: 'out tick(1)', words: { tick: (a: number, b: number) => a + b }, run: () => ({ out: NEVER }) },
      /"tick" takes 2 arguments, but is given 1/,
    ],
    [
      'a value with arguments',
      { lanes: 'out a(1)', values, run: () => ({ out: NEVER }) },
      /"a" is a plain value and takes no arguments/,
    ],
    [
      'a word that throws',
      {
        lanes: 'out tick(-1)',
        words: {
          tick: (_n: number) => {
            throw new RangeError('a price is positive')
          },
        },
        run: () => ({ out: NEVER }),
      },
      /tick\(-1\): a price is positive/,
    ],
    [
      'names that every object has',
      { lanes: 'out   1s constructor 1s toString', values: {}, run: () => ({ out: NEVER }) },
      /no value or word "constructor"[^]*no value or word "toString"/,
    ],
    [
      'a subscription that was asserted at another instant',
      { lanes: 'n 5ms ^ a 5ms a\nout 5ms a 5ms a', values, run: ({ hot }) => ({ out: hot('n') }) },
      /n \^ ! expected[^]*\^1 \^: early by 5ms/,
    ],
  ])('%s', (_what, scenario, expected) => {
    expect(failure(scenario)).toMatch(expected)
  })
})

const FAILURE = `the marbles do not come out as written

                    0  5ms 7ms    15ms    1s    ⋯ 3 instants ⋯    5s    6s
  market           ─a──a──────────a───────a─────⋯─────────────────a────────
  orders expected  ─a──a──────────b───────a─────⋯─────────────────a────────
         received  ─a──a──────────a───────a─────⋯─────────────────a─────0──
                                  ^1                                    ^2
  other expected   ────a───────────────────────────────────────────────────
        received   ────────(a |)
                           ^1 ^2

  orders (marbles.test.ts:N): 2 of 9 not as expected
    ^1 b: value differs at q: expected 3, received 1 (at 15ms)
    ^2 0: extra (received at 6s)

  other (marbles.test.ts:N): 2 of 2 not as expected
    ^1 a: late by 2ms (expected at 5ms, received at 7ms)
    ^2 |: extra (received at 7ms)
`

describe('a failure', () => {
  it('shows all that is wrong, on one axis, with carets, words and the line of the lane', () => {
    const text = failure({
      lanes: `
        market   a 5ms a 10ms a 985ms a 1s a 1s a 1s a 1s a
        orders   a 5ms a 10ms b 985ms a 1s a 1s a 1s a 1s a
        other    5ms a`,
      values: { a: { action: 'BUY', q: 1 }, b: { action: 'BUY', q: 3 } },
      run: ({ hot }) => {
        const market = hot('market').pipe(share())
        return { orders: merge(market, timer(6000)), other: market.pipe(take(1), delay(7)) }
      },
    })
    const line = Number(/orders \(test\/testing\/marbles.test.ts:(\d+)\)/.exec(text)?.[1])
    expect(text.replace(/test\/testing\/marbles\.test\.ts:\d+/g, 'marbles.test.ts:N')).toBe(FAILURE)
    expect(text).toContain(`other (test/testing/marbles.test.ts:${line + 1})`)
  })

  it('is thrown from the line of the lane, so that a test runner shows it', () => {
    try {
      marbles({
        lanes: 'out   1s 0 |',
        run: () => ({
          out: timer(999).pipe(
            timestamp(),
            map(({ value }) => value),
          ),
        }),
      })
      throw new Error('it passed')
    } catch (error) {
      expect((error as Error).stack).toMatch(/at lanes \(.*marbles\.test\.ts:\d+:1\)/)
    }
  })
})
