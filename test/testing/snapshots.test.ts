import { describe, expect, it } from '@jest/globals'
import { map, type Observable, of, scan, Subject, tap } from 'rxjs'
import { Snapshots, asTaken } from '../../src/testing/compare/snapshot.js'
import { runScenario, type Scenario } from '../../src/testing/index.js'

class Position {
  quantity = 0
  readonly fills: number[] = []
  add(quantity: number): this {
    this.quantity += quantity
    this.fills.push(quantity)
    return this
  }
}
class Purse {
  owner = 'me'
  #coins = 0
  add(coins: number): this {
    this.#coins += coins
    return this
  }
  coins() {
    return this.#coins
  }
}

const position = (...fills: number[]): Position => {
  const it = new Position()
  for (const fill of fills) it.add(fill)
  return it
}

const passes = (out: string, change: (n$: Observable<number>) => Observable<unknown>, more: Partial<Scenario> = {}) =>
  runScenario({
    lanes: `
      n     1 1s 2
      out   ${out}`,
    run: ({ hot }) => ({ out: change(hot<number>('n')) }),
    ...more,
  }).passed

const kinds: readonly [string, (n$: Observable<number>) => Observable<unknown>, unknown, unknown][] = [
  ['a list', (n$) => n$.pipe(scan((all, n) => (all.push(n), all), [] as number[])), [1], [1, 2]],
  ['an object', (n$) => n$.pipe(scan((sum, n) => Object.assign(sum, { n }), { n: 0 })), { n: 1 }, { n: 2 }],
  [
    'an object deep inside',
    (n$) => n$.pipe(scan((all, n) => ((all.at.n = n), all), { at: { n: 0 } })),
    { at: { n: 1 } },
    { at: { n: 2 } },
  ],
  [
    'an object within another one each time',
    (n$) => {
      const state = { n: 0 }
      return n$.pipe(map((n) => [Object.assign(state, { n })]))
    },
    [{ n: 1 }],
    [{ n: 2 }],
  ],
  ['a Map', (n$) => n$.pipe(scan((all, n) => all.set('n', n), new Map())), new Map([['n', 1]]), new Map([['n', 2]])],
  ['a Set', (n$) => n$.pipe(scan((all, n) => all.add(n), new Set())), new Set([1]), new Set([1, 2])],
  ['a Date', (n$) => n$.pipe(scan((date, n) => (date.setTime(n), date), new Date(0))), new Date(1), new Date(2)],
  [
    'a typed array',
    (n$) => n$.pipe(scan((all, n) => all.fill(n), new Float64Array(2))),
    Float64Array.of(1, 1),
    Float64Array.of(2, 2),
  ],
  [
    'a DataView',
    (n$) => n$.pipe(scan((all, n) => (all.setUint8(0, n), all), new DataView(new ArrayBuffer(1)))),
    new DataView(Uint8Array.of(1).buffer),
    new DataView(Uint8Array.of(2).buffer),
  ],
  ['an instance of a class', (n$) => n$.pipe(scan((at, n) => at.add(n), new Position())), position(1), position(1, 2)],
]

describe('values are compared as they were when they came:', () => {
  it.each(kinds)('%s that is changed later', (_name, change, first, last) => {
    expect(passes('first 1s last', change, { values: { first, last } })).toBe(true)
    expect(passes('last 1s last', change, { values: { last } })).toBe(false)
  })

  it('a mutating scan does not pass for [1,2] 1s [1,2]', () => {
    const change = kinds[0]?.[1] ?? (() => of())
    expect(passes('[1,2] 1s [1,2]', change)).toBe(false)
    expect(passes('[1] 1s [1,2]', change)).toBe(true)
  })

  it('an input that the pipeline changes is not what was expected', () => {
    const scenario = (lanes: string, change: (order: { price: number }) => void) =>
      runScenario({
        lanes,
        values: { order: { price: 1 } },
        run: ({ hot }) => ({ out: hot<{ price: number }>('a').pipe(tap(change)) }),
      }).passed
    const lanes = `
      a     order
      out   order`
    expect(scenario(lanes, () => {})).toBe(true)
    expect(scenario(lanes, (order) => void (order.price = 2))).toBe(false)
  })

  it('an error that is changed later', () => {
    const error = Object.assign(new Error('no'), { tries: 1 })
    const run = runScenario({
      lanes: `
        a     #no
        out   #no`,
      errors: { no: error },
      run: ({ hot }) => ({ out: hot('a').pipe(tap({ finalize: () => (error.tries = 2) })) }),
    })
    expect(run.passed).toBe(true)
  })

  it('what is not changed is itself: its identity and private fields count', () => {
    const purse = new Purse().add(1)
    const subject = new Subject<number>()
    const work = () => {}
    const values = { purse, subject, work }
    expect(passes('purse 1s purse', (n$) => n$.pipe(map(() => purse)), { values: { purse } })).toBe(true)
    expect(passes('all 1s all', (n$) => n$.pipe(map(() => values)), { values: { all: values } })).toBe(true)
    const other = { ...values, purse: new Purse().add(2) }
    expect(passes('all 1s all', (n$) => n$.pipe(map(() => other)), { values: { all: values } })).toBe(false)
  })

  it('observables that are emitted stay themselves, though they get subscribers', () => {
    const subject = new Subject<number>()
    const held = { subject }
    const run = runScenario({
      lanes: `
        n     1
        out   held
        of    1s 1`,
      values: { held },
      run: ({ hot, at }) => {
        at(1000, () => subject.next(1))
        return { out: hot('n').pipe(map(() => held)), of: subject }
      },
    })
    expect(run.passed).toBe(true)
  })
})

describe('a snapshot', () => {
  it('takes values that hold themselves', () => {
    const it: { self?: unknown; n: number } = { n: 1 }
    it.self = it
    const copy = new Snapshots().take(it) as { self: unknown; n: number }
    expect(copy.self).toBe(copy)
    expect(asTaken(it, copy)).toBe(it)
    it.n = 2
    expect(asTaken(it, copy)).toBe(copy)
  })

  it('calls no getter, and copies nothing twice that has not changed', () => {
    const snapshots = new Snapshots()
    const shared = { bids: [[1, 2]] }
    const value = {
      shared,
      get trap(): never {
        throw new Error('called')
      },
    }
    const [first, second] = [snapshots.take(value), snapshots.take(value)]
    expect(second).toBe(first)
    expect((snapshots.take({ shared }) as typeof value).shared).toBe((first as typeof value).shared)
  })

  it('of a book in which one level has changed copies that level and the list alone', () => {
    const snapshots = new Snapshots()
    const book = Array.from({ length: 100 }, (_, i) => [i, 1])
    const first = snapshots.take(book) as number[][]
    book[7] = [7, 2]
    const second = snapshots.take(book) as number[][]
    expect(second.filter((level, i) => level !== first[i])).toEqual([[7, 2]])
    expect(first[7]).toEqual([7, 1])
  })
})
