import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { createCompleteness } from '../../src/client/connection/completeness.js'
import { instant, virtualClock, VirtualScheduler } from '../../src/time/index.js'

const scene = () => {
  const scheduler = new VirtualScheduler()
  const clock = virtualClock(scheduler)
  const start = clock.wall()
  const known = createCompleteness(clock)
  return {
    known,
    now: () => instant(clock),
    pass: (ms: number) => scheduler.advanceBy(ms),
    until: () => known.until.wall - start,
  }
}

describe('what has been received', () => {
  it('goes with the latest question that was answered, in whatever order the answers come', () => {
    const { known, now, pass, until } = scene()
    const first = now()
    pass(10)
    const second = now()
    known.answered(second)
    known.answered(first)
    expect(until()).toBe(10)
  })

  it('goes with the oldest frame of an order that is unanswered, never beyond it', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('write', 'fail', 'answer'), { maxLength: 30 }), (steps) => {
        const { known, now, pass, until } = scene()
        const unanswered: number[] = []
        let at = 0
        let proven = 0
        for (const step of steps) {
          pass(10)
          at += 10
          if (step === 'answer') {
            const oldest = unanswered.shift()
            expect(known.orderAnswered('a')).toBe(oldest !== undefined)
            proven = oldest ?? proven
          } else {
            const notWritten = known.orderWritten('a', now())
            if (step === 'fail') notWritten()
            else unanswered.push(at)
          }
          expect(until()).toBe(proven)
        }
      }),
    )
  })

  it('keeps nothing of an order whose reply came while it was written', () => {
    const { known, now, pass, until } = scene()
    pass(10)
    known.orderWritten('a', now())
    expect(known.orderAnswered('a')).toBe(true)
    expect(known.orderAnswered('a')).toBe(false)
    expect(until()).toBe(10)
  })
})
