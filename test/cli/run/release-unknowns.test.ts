import { describe, expect, it } from '@jest/globals'
import { BehaviorSubject } from 'rxjs'
import { releaseUnknowns } from '../../../src/cli/run/release-unknowns.js'
import { Unresolved, type UnresolvedOrder } from '../../../src/client/index.js'
import { VirtualScheduler } from '../../../src/time/index.js'
import { watch } from '../../support/watch.js'

const request = { op: 'place_order', symbol: 'BTC/USDT', action: 'BUY', price: 100, quantity: 2, order_type: 'LIMIT' }

const scene = () => {
  const scheduler = new VirtualScheduler()
  const unresolved$ = new BehaviorSubject<readonly UnresolvedOrder[]>([])
  const closed: string[] = []
  const add = (cid: string, fail?: Error) => {
    const unknown = new Unresolved({ cid, request: request as never, sentAt: scheduler.now(), cause: 'timeout' })
    const close = () => {
      if (fail !== undefined) throw fail
      closed.push(cid)
      unresolved$.next(unresolved$.value.filter((entry) => entry.error.cid !== cid))
    }
    unresolved$.next([...unresolved$.value, { error: unknown, close }])
  }
  const told = watch(releaseUnknowns({ unresolved$ }, 60_000, scheduler))
  return { scheduler, unresolved$, closed, add, told }
}

describe('releasing orders of unknown outcome', () => {
  it('closes each so long after it was sent, whatever else comes and goes, and says what may have happened', () => {
    const { scheduler, closed, add, told } = scene()
    add('a')
    scheduler.advanceBy(30_000)
    add('b')
    scheduler.advanceBy(29_999)
    expect(closed).toEqual([])
    scheduler.advanceBy(1)
    expect(closed).toEqual(['a'])
    scheduler.advanceBy(30_000)
    expect(closed).toEqual(['a', 'b'])
    expect(told.values).toEqual([
      { type: 'note', text: expect.stringMatching(/cid a.*if it exists, it adds to what is traded next/) },
      { type: 'note', text: expect.stringMatching(/cid b/) },
    ])
    expect(scheduler.pending).toBe(0)
  })

  it('leaves those alone that are settled before', () => {
    const { scheduler, unresolved$, closed, add, told } = scene()
    add('a')
    scheduler.advanceBy(30_000)
    unresolved$.next([])
    scheduler.advanceBy(60_000)
    expect([closed, told.values]).toEqual([[], []])
  })

  it('says so where the order journal cannot be written, and goes on', () => {
    const { scheduler, closed, add, told } = scene()
    add('a', new Error('ENOSPC'))
    scheduler.advanceBy(30_000)
    add('b')
    scheduler.advanceBy(60_000)
    expect(closed).toEqual(['b'])
    expect(told.values).toContainEqual({ type: 'note', text: 'it stays unresolved: ENOSPC' })
  })
})
