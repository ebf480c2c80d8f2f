import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { Subject, type Observable, type Observer, type Subscription } from 'rxjs'
import { SoloSubject } from '../../src/operators/internal.js'

type Step = 'subscribe' | 'unsubscribe' | 'next' | 'error' | 'complete'

/** What the one subscriber hears of the steps. */
const heard = (subject: Observer<number>, value$: Observable<number>, steps: readonly Step[]): readonly string[] => {
  const log: string[] = []
  let subscription: Subscription | undefined
  steps.forEach((step, i) => {
    if (step === 'next') subject.next(i)
    else if (step === 'error') subject.error(`error ${i}`)
    else if (step === 'complete') subject.complete()
    else {
      subscription?.unsubscribe()
      if (step === 'subscribe') {
        subscription = value$.subscribe({
          next: (value) => log.push(`next ${value}`),
          error: (error: unknown) => log.push(String(error)),
          complete: () => log.push('complete'),
        })
      }
    }
  })
  return log
}

describe('SoloSubject', () => {
  it('emits to its subscriber what a Subject would', () => {
    const step = fc.constantFrom<Step>('subscribe', 'unsubscribe', 'next', 'next', 'next', 'error', 'complete')
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        const solo = new SoloSubject<number>()
        const plain = new Subject<number>()
        expect(heard(solo, solo.value$, steps)).toEqual(heard(plain, plain, steps))
      }),
    )
  })

  it('refuses a second subscriber beside the first', () => {
    const subject = new SoloSubject<number>()
    const errors: unknown[] = []
    subject.value$.subscribe()
    subject.value$.subscribe({ error: (error: unknown) => errors.push(error) })
    expect(errors).toEqual([new Error('a SoloSubject has one subscriber at most')])
  })
})
