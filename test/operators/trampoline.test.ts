import { describe, expect, it } from '@jest/globals'
import { observeOn, of, queueScheduler, range, share, Subject, take, tap } from 'rxjs'
import { trampoline } from '../../src/operators/index.js'
import { marbles } from './marbles.js'

describe('trampoline', () => {
  it('changes nothing where no value causes another', () => {
    const m = marbles()
    const values = m.hot('                -a-(bc)-|')
    const failing = m.hot('               -a-#')
    m.expect(values.pipe(trampoline()), ' -a-(bc)-|')
    m.expect(failing.pipe(trampoline()), '-a-#')
    m.run()
  })

  /** Two neighbours; the first answers 1 with 2 and 3, and then does `more`. */
  function neighbours(more: (source: Subject<number>) => void = () => undefined) {
    const source = new Subject<number>()
    const log: string[] = []
    const shared$ = source.pipe(trampoline(), share())
    shared$.subscribe({
      next: (n) => {
        log.push(`first ${n}`)
        if (n !== 1) return
        source.next(2)
        source.next(3)
        more(source)
      },
      error: () => log.push('first error'),
    })
    shared$.subscribe({
      next: (n) => log.push(`second ${n}`),
      error: () => log.push('second error'),
      complete: () => log.push('second end'),
    })
    return { source, log }
  }

  it('lets every neighbour see a value before anybody sees the next', () => {
    const { source, log } = neighbours()
    source.next(1)
    expect(log).toEqual(['first 1', 'second 1', 'first 2', 'second 2', 'first 3', 'second 3'])
  })

  it('has delivered everything when the outermost next returns, and starts afresh', () => {
    const { source, log } = neighbours()
    source.next(1)
    log.length = 0
    source.next(4)
    expect(log).toEqual(['first 4', 'second 4'])
  })

  it('lets the end and an error wait for the values before them', () => {
    const ended = neighbours((source) => source.complete())
    ended.source.next(1)
    expect(ended.log.slice(-3)).toEqual(['first 3', 'second 3', 'second end'])
    const failed = neighbours((source) => source.error(new Error('lost')))
    failed.source.next(1)
    expect(failed.log.slice(-4)).toEqual(['first 3', 'second 3', 'first error', 'second error'])
  })

  it('delivers nothing more to one who has left', () => {
    const source = new Subject<number>()
    const seen: number[] = []
    source.pipe(trampoline(), take(2)).subscribe((n) => {
      seen.push(n)
      if (n === 1) [2, 3, 4].forEach((next) => source.next(next))
    })
    source.next(1)
    expect(seen).toEqual([1, 2])
    expect(source.observed).toBe(false)
  })

  it('stops a source that emits while it is being subscribed to', () => {
    let emitted = 0
    const seen: number[] = []
    range(0, 1_000_000)
      .pipe(
        tap(() => (emitted += 1)),
        trampoline(),
        take(2),
      )
      .subscribe((n) => seen.push(n))
    expect([seen, emitted]).toEqual([[0, 1], 2])
  })

  it('is synchronous inside queued work of others too, unlike observeOn(queueScheduler)', () => {
    const log: string[] = []
    queueScheduler.schedule(() => {
      of(1)
        .pipe(observeOn(queueScheduler))
        .subscribe(() => log.push('queued'))
      of(1)
        .pipe(trampoline())
        .subscribe(() => log.push('trampoline'))
      log.push('after')
    })
    expect(log).toEqual(['trampoline', 'after', 'queued'])
  })
})
