import { describe, expect as jestExpect, it } from '@jest/globals'
import { delay, interval, of, Subject, take, throwError, timer } from 'rxjs'
import { classic, withMarbles } from '../../src/testing/index.js'

const expect = withMarbles(jestExpect)

describe('toEmit', () => {
  it('holds an observable to a lane, in virtual time', () => {
    expect(of(1).pipe(delay(1000))).toEmit('1s (1 |)')
    expect(interval(10).pipe(take(2))).toEmit('-a-(b|)', { tickMs: 10, values: { a: 0, b: 1 } })
    expect(timer(2)).toEmit(classic('--(a|)', { values: { a: 0 } }))
    expect(throwError(() => new RangeError('x'))).toEmit('#out', { errors: { out: RangeError } })
    expect(interval(1000)).toEmit('1s 0 1s 1', { untilMs: 2500 })
  })

  it('can be denied', () => {
    expect(of(1).pipe(delay(1000))).not.toEmit('2s (1 |)')
  })

  it('shows what differs', () => {
    expect(() => expect(of(1).pipe(delay(1000))).toEmit('2s (1 |)')).toThrow(/emitted expected[^]*early by 1s/)
    expect(() => expect(of(1).pipe(delay(1000))).not.toEmit('1s (1 |)')).toThrow('should not have')
  })

  it('does not take for a denial what proves nothing', () => {
    expect(() => expect(new Subject()).not.toEmit('1s a', { values: { a: 1 } })).toThrow('nothing happened')
    expect(() => expect(of(1)).not.toEmit('1q')).toThrow('"1q" means nothing here')
    expect(() => expect(5 as never).not.toEmit('1s a')).toThrow('toEmit is for observables')
  })
})

describe('toComeOutAsWritten', () => {
  const scenario = (ms: number) => ({ lanes: 'out 1s 0 |', run: () => ({ out: timer(ms) }) })

  it('runs a scenario', () => {
    expect(scenario(1000)).toComeOutAsWritten()
    expect(scenario(999)).not.toComeOutAsWritten()
    expect(() => expect(scenario(999)).toComeOutAsWritten()).toThrow(
      /out \(test\/testing\/jest.test.ts:\d+\)[^]*early by 1ms/,
    )
    expect(() => expect({} as never).toComeOutAsWritten()).toThrow('is for scenarios')
  })
})
