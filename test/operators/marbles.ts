import { expect } from '@jest/globals'
import { Observable, type ObservableNotification, type Observer, Subject } from 'rxjs'
import { VirtualScheduler } from '../../src/time/index.js'

/**
 * Aligned marbles on our own scheduler. One column is one tick: `-` nothing, a letter a value, `|` the end, `#` an error,
 * `(ab)` several in one column; spaces are for alignment only. Letters stand for themselves unless `values` names them.
 */
export function marbles(tickMs = 1) {
  const scheduler = new VirtualScheduler()
  const checks: (() => void)[] = []
  let lastTick = 0

  const parse = (diagram: string): readonly string[] => {
    const columns = diagram.replaceAll(' ', '').match(/\([^()]+\)|[^()]/g) ?? []
    lastTick = Math.max(lastTick, columns.length)
    return columns.map((column) => column.replace(/[()-]/g, ''))
  }

  const play = <T>(diagram: string, { values, error = new Error('#') }: Legend<T>, to: Observer<T>): void =>
    parse(diagram).forEach((marks, tick) => {
      if (marks === '') return
      scheduler.schedule(() => {
        for (const mark of marks) {
          if (mark === '|') to.complete()
          else if (mark === '#') to.error(error)
          else to.next(valueOf(mark, values))
        }
      }, tick * tickMs)
    })

  const record = <T>(source$: Observable<T>): Moment<T>[] => {
    const seen: Moment<T>[] = []
    const see = (what: ObservableNotification<T>) => seen.push({ ms: scheduler.now(), what })
    source$.subscribe({
      next: (value) => see({ kind: 'N', value }),
      error: (error: unknown) => see({ kind: 'E', error }),
      complete: () => see({ kind: 'C' }),
    })
    return seen
  }

  return {
    scheduler,

    hot: <T = string>(diagram: string, legend: Legend<T> = {}): Observable<T> => {
      const subject = new Subject<T>()
      play(diagram, legend, subject)
      return subject.asObservable()
    },

    /** `subscribed` says at which ticks somebody came. */
    cold: <T = string>(diagram: string, legend: Legend<T> = {}, subscribed: number[] = []): Observable<T> =>
      new Observable<T>((subscriber) => {
        subscribed.push(scheduler.now() / tickMs)
        const subject = new Subject<T>()
        play(diagram, legend, subject)
        return subject.subscribe(subscriber)
      }),

    at: (tick: number, what: () => void): void => {
      lastTick = Math.max(lastTick, tick)
      scheduler.schedule(what, tick * tickMs)
    },

    record,

    /** Subscribes now and compares at the end of `run`: every moment, and of an error its class and its fields too. */
    expect: <T = string>(
      actual$: Observable<T>,
      diagram: string,
      { values, error = new Error('#') }: Legend<T> = {},
    ) => {
      const expected = parse(diagram).flatMap((marks, tick) =>
        Array.from(marks, (mark): Moment<T> => {
          const ms = tick * tickMs
          if (mark === '|') return { ms, what: { kind: 'C' } }
          return { ms, what: mark === '#' ? { kind: 'E', error } : { kind: 'N', value: valueOf(mark, values) } }
        }),
      )
      const seen = record(actual$)
      checks.push(() => expect(seen.map(legible)).toStrictEqual(expected.map(legible)))
    },

    /** Lets the time of the longest diagram pass, and checks. */
    run: (): void => {
      scheduler.advanceTo(lastTick * tickMs)
      if (checks.length === 0) throw new Error('this test expects nothing')
      for (const check of checks) check()
    },
  }
}

export interface Legend<T> {
  readonly values?: Readonly<Record<string, T>>
  readonly error?: unknown
}

export interface Moment<T> {
  readonly ms: number
  readonly what: ObservableNotification<T>
}

function valueOf<T>(mark: string, values: Readonly<Record<string, T>> | undefined): T {
  if (values === undefined) return mark as T
  if (!Object.hasOwn(values, mark)) throw new Error(`the legend does not name "${mark}"`)
  return values[mark] as T
}

/** toEqual takes all errors with one message for equal: class and fields must be compared by themselves. */
const legible = <T>({ ms, what }: Moment<T>) =>
  what.kind !== 'E' || !(what.error instanceof Error)
    ? { ms, what }
    : {
        ms,
        what: {
          kind: 'E',
          class: what.error.constructor,
          message: what.error.message,
          fields: Object.entries(what.error),
        },
      }
