import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { config, Subject, takeUntil } from 'rxjs'
import { IdInUse, matchReply, RepliesEnded, ReplyTimeout } from '../../src/operators/index.js'
import { VirtualScheduler } from '../../src/time/index.js'
import { leftBehindMb } from '../time/garbage.js'
import { marbles } from './marbles.js'

interface Reply {
  readonly id: string | undefined
  readonly n: number
}

/** A wire on which replies come when we say so, and a log of who heard what. */
function scene(options: { readonly tombstones?: number } = {}) {
  const scheduler = new VirtualScheduler()
  const reply$ = new Subject<Reply>()
  const matcher = matchReply(reply$, { idOf: (reply: Reply) => reply.id, scheduler, ...options })
  const log: string[] = []
  const written: string[] = []
  matcher.late$.subscribe({ next: ({ id, n }) => log.push(`late ${id} ${n}`), complete: () => log.push('late end') })
  matcher.unmatched$.subscribe({
    next: ({ id, n }) => log.push(`unmatched ${id} ${n}`),
    complete: () => log.push('unmatched end'),
  })
  const connection = matcher.connect()
  const ask = (id: string, timeoutMs = 100, write: () => void = () => undefined) =>
    matcher
      .request(
        id,
        () => {
          written.push(id)
          write()
        },
        { timeoutMs },
      )
      .subscribe({
        next: ({ n }) => log.push(`${id} ${n}`),
        error: (error: unknown) => log.push(`${id} ${(error as Error).name}`),
        complete: () => log.push(`${id} end`),
      })
  const reply = (id: string | undefined, n = 1) => reply$.next({ id, n })
  return { scheduler, reply$, matcher, connection, log, written, ask, reply }
}

describe('matchReply', () => {
  it('gives a request its reply and the end, and errors when none comes in time', () => {
    const m = marbles()
    // A letter is its own id.
    const reply$ = m.hot('--ab-----')
    const matcher = matchReply(reply$, { idOf: (letter) => letter, scheduler: m.scheduler })
    matcher.connect()
    const request = (id: string) => matcher.request(id, () => undefined, { timeoutMs: 6 })
    m.expect(request('a'), '--(a|)---')
    m.expect(request('b'), '---(b|)--')
    m.expect(request('c'), '------#--', { error: new ReplyTimeout(6) })
    m.run()
    expect(matcher.inFlight).toBe(0)
  })

  it('writes at subscription, once for each, and not before', () => {
    const { matcher, written, ask } = scene()
    let writes = 0
    const request$ = matcher.request('a', () => (writes += 1), { timeoutMs: 100 })
    expect(writes).toBe(0)
    request$.subscribe()
    expect([writes, matcher.inFlight]).toEqual([1, 1])
    ask('b')
    expect([written, matcher.inFlight]).toEqual([['b'], 2])
  })

  it('ties replies to requests by id, in whatever order they come', () => {
    const { ask, reply, log } = scene()
    ask('a')
    ask('b')
    reply('b', 1)
    reply('a', 2)
    expect(log).toEqual(['b 1', 'b end', 'a 2', 'a end'])
  })

  it('hears a reply that comes while the request is being written', () => {
    const { ask, reply, log, scheduler, matcher } = scene()
    ask('a', 100, () => reply('a'))
    expect(log).toEqual(['a 1', 'a end'])
    expect([scheduler.pending, matcher.inFlight]).toEqual([0, 0])
  })

  it('shares one timer among requests of the same timeout, which ends by itself or with the replies', () => {
    const { ask, reply, reply$, scheduler } = scene()
    ask('a')
    reply('a')
    ask('b').unsubscribe()
    expect(scheduler.pending).toBe(1)
    scheduler.advanceTo(25)
    expect(scheduler.pending).toBe(0)
    ask('c')
    expect(scheduler.pending).toBe(1)
    reply$.complete()
    expect(scheduler.pending).toBe(0)
  })

  it('gives each request its full time, whenever it begins and whichever others end', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ afterMs: fc.integer({ min: 0, max: 70 }), leaves: fc.boolean() }), { maxLength: 20 }),
        fc.integer({ min: 1, max: 120 }),
        (requests, timeoutMs) => {
          const scheduler = new VirtualScheduler()
          const matcher = matchReply(new Subject<Reply>(), { idOf: (reply: Reply) => reply.id, scheduler })
          matcher.connect()
          const waited: number[] = []
          for (const [i, { afterMs, leaves }] of requests.entries()) {
            scheduler.advanceBy(afterMs)
            const beganAt = scheduler.now()
            const subscription = matcher
              .request(String(i), () => undefined, { timeoutMs })
              .subscribe({ error: () => waited.push(scheduler.now() - beganAt) })
            if (leaves) subscription.unsubscribe()
          }
          scheduler.advanceBy(2 * timeoutMs)
          const staying = requests.filter(({ leaves }) => !leaves)
          expect(waited).toEqual(staying.map(() => timeoutMs))
          expect([matcher.inFlight, scheduler.pending]).toEqual([0, 0])
        },
      ),
    )
  })

  it('takes the first reply when it comes twice; the other is unmatched', () => {
    const { ask, reply, log } = scene()
    ask('a')
    reply('a', 1)
    reply('a', 2)
    expect(log).toEqual(['a 1', 'a end', 'unmatched a 2'])
  })

  it('calls a reply unmatched that nobody asked for or that has no id', () => {
    const { reply, log } = scene()
    reply('x')
    reply(undefined)
    reply('__proto__')
    expect(log).toEqual(['unmatched x 1', 'unmatched undefined 1', 'unmatched __proto__ 1'])
  })

  it('calls a reply late after the timeout, and its duplicate unmatched', () => {
    const { ask, reply, log, scheduler, matcher } = scene()
    ask('a')
    scheduler.advanceTo(100)
    expect(matcher.inFlight).toBe(0)
    reply('a', 1)
    reply('a', 2)
    expect(log).toEqual(['a ReplyTimeout', 'late a 1', 'unmatched a 2'])
  })

  it('calls a reply late after the request was unsubscribed', () => {
    const { ask, reply, log, matcher } = scene()
    ask('a').unsubscribe()
    expect(matcher.inFlight).toBe(0)
    reply('a')
    expect(log).toEqual(['late a 1'])
  })

  it('lets a reply win that lies in the socket when the timer comes', () => {
    const { ask, reply, log, scheduler } = scene()
    ask('a', 100)
    // The process stood still: at its first turn the timer comes first, then the socket.
    scheduler.schedule(() => reply('a'), 100)
    scheduler.advanceTo(200)
    expect(log).toEqual(['a 1', 'a end'])
  })

  it('remembers only so many requests that were given up, and forgets the oldest first', () => {
    const { ask, reply, log } = scene({ tombstones: 2 })
    for (const id of ['a', 'b', 'c']) ask(id).unsubscribe()
    for (const id of ['a', 'b', 'c']) reply(id)
    expect(log).toEqual(['unmatched a 1', 'late b 1', 'late c 1'])
  })

  it('errors with what write throws, and leaves nothing behind', () => {
    const { ask, reply, log, matcher, scheduler } = scene()
    ask('a', 100, () => {
      throw new TypeError('wire is gone')
    })
    expect([matcher.inFlight, scheduler.pending]).toEqual([0, 0])
    reply('a')
    ask('a')
    reply('a', 2)
    expect(log).toEqual(['a TypeError', 'unmatched a 1', 'a 2', 'a end'])
  })

  it('leaves nothing behind when a request is left while it is written and write then throws', () => {
    const { matcher, reply, log, scheduler } = scene()
    const leave = new Subject<void>()
    const write = () => {
      leave.next()
      throw new Error('wire is gone')
    }
    matcher
      .request('a', write, { timeoutMs: 100 })
      .pipe(takeUntil(leave))
      .subscribe({ complete: () => log.push('left') })
    reply('a')
    expect(log).toEqual(['left', 'unmatched a 1'])
    expect([matcher.inFlight, scheduler.pending]).toEqual([0, 0])
  })

  it('refuses an id that is in flight, and writes nothing', () => {
    const { ask, reply, log, written, matcher } = scene()
    ask('a')
    ask('a')
    expect([log, written, matcher.inFlight]).toEqual([['a IdInUse'], ['a'], 1])
    reply('a')
    expect(log).toEqual(['a IdInUse', 'a 1', 'a end'])
    expect(new IdInUse()._tag).toBe('IdInUse')
  })

  it('lets an id that was given up be used again: the first reply is the answer, the other is late', () => {
    const { ask, reply, log, scheduler } = scene()
    ask('a')
    scheduler.advanceTo(100)
    ask('a')
    reply('a', 1)
    reply('a', 2)
    expect(log).toEqual(['a ReplyTimeout', 'a 1', 'a end', 'late a 2'])
  })

  it('still expects the reply of a request that was given up when its id was used again in vain', () => {
    const { ask, matcher, reply, log } = scene()
    ask('a').unsubscribe()
    const leave = new Subject<void>()
    const write = () => {
      leave.next()
      throw new Error('wire is gone')
    }
    matcher.request('a', write, { timeoutMs: 100 }).pipe(takeUntil(leave)).subscribe()
    reply('a')
    expect(log).toEqual(['late a 1'])
  })

  it('lets a request be made within the answer to another, under the same id too', () => {
    const { matcher, ask, reply, log } = scene()
    matcher.request('a', () => undefined, { timeoutMs: 100 }).subscribe(() => ask('a'))
    reply('a', 1)
    expect([log, matcher.inFlight]).toEqual([[], 1])
    reply('a', 2)
    expect(log).toEqual(['a 2', 'a end'])
  })

  it('ends every request in flight, in order, with the error of the replies', () => {
    const { ask, reply$, log, written, connection, scheduler } = scene()
    ask('a')
    ask('b')
    reply$.error(new RangeError('lost'))
    expect(log).toEqual(['a RangeError', 'b RangeError', 'late end', 'unmatched end'])
    ask('c')
    expect(log.at(-1)).toBe('c RangeError')
    expect([written, connection.closed, scheduler.pending]).toEqual([['a', 'b'], true, 0])
  })

  it('ends every request in flight when the replies complete, or the connection is unsubscribed', () => {
    for (const how of ['complete', 'unsubscribe']) {
      const { ask, reply$, log, connection, matcher } = scene()
      ask('a')
      if (how === 'complete') reply$.complete()
      else connection.unsubscribe()
      expect(log).toEqual(['a RepliesEnded', 'late end', 'unmatched end'])
      expect([reply$.observed, matcher.connect().closed]).toEqual([false, true])
    }
    expect(new RepliesEnded()._tag).toBe('RepliesEnded')
  })

  it('does not take a request that is made while the others are being ended', () => {
    const { matcher, ask, reply$, log, written } = scene()
    matcher
      .request('a', () => undefined, { timeoutMs: 100 })
      .subscribe({ error: () => log.push(`${matcher.inFlight} in flight`) && ask('b') })
    ask('c')
    reply$.error(new Error('lost'))
    expect(log.slice(0, 3)).toEqual(['0 in flight', 'b Error', 'c Error'])
    expect([written, matcher.inFlight]).toEqual([['c'], 0])
  })

  it('takes an idOf that throws for an error of the replies', () => {
    const reply$ = new Subject<string>()
    const matcher = matchReply<string, string>(reply$, {
      idOf: () => {
        throw new Error('no id')
      },
    })
    const seen: unknown[] = []
    matcher.connect()
    matcher
      .request('a', () => undefined, { timeoutMs: Infinity })
      .subscribe({ error: (error: unknown) => seen.push(String(error)) })
    reply$.next('x')
    expect([seen, reply$.observed]).toEqual([['Error: no id'], false])
  })

  it('waits for ever where no timer could keep the time', () => {
    const { ask, scheduler, matcher } = scene()
    ask('a', Infinity)
    ask('b', 2 ** 31)
    expect([scheduler.pending, matcher.inFlight]).toEqual([0, 2])
  })

  it('does not let a subscriber that throws hurt another request', async () => {
    const { matcher, ask, reply, log } = scene()
    config.onUnhandledError = () => undefined
    try {
      matcher
        .request('a', () => undefined, { timeoutMs: 100 })
        .subscribe(() => {
          throw new Error('mine')
        })
      ask('b')
      reply('a')
      reply('b')
      expect([log, matcher.inFlight]).toEqual([['b 1', 'b end'], 0])
      await new Promise((resolve) => setTimeout(resolve, 5))
    } finally {
      config.onUnhandledError = null
    }
  })

  it('keeps nothing of 100,000 requests that were answered or given up', () => {
    const { matcher, reply$ } = scene({ tombstones: 100 })
    const left = leftBehindMb(() => {
      for (let n = 0; n < 100_000; n++) {
        const subscription = matcher.request(`id ${n}`, () => undefined, { timeoutMs: 100 }).subscribe()
        if (n % 2 === 0) subscription.unsubscribe()
        else reply$.next({ id: `id ${n}`, n })
      }
    })
    expect(left).toBeLessThan(4)
  })

  it('gives every request exactly one end and every reply exactly one place, whatever happens', () => {
    const id = fc.integer({ min: 0, max: 5 }).map(String)
    const step = fc.oneof(
      {
        weight: 3,
        arbitrary: fc.record({ do: fc.constant('ask' as const), id, throws: fc.boolean(), now: fc.boolean() }),
      },
      { weight: 3, arbitrary: fc.record({ do: fc.constant('reply' as const), id }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('leave' as const), id }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 20 }) }) },
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), fc.integer({ min: 0, max: 3 }), (steps, tombstones) => {
        const scheduler = new VirtualScheduler()
        const reply$ = new Subject<Reply>()
        const matcher = matchReply(reply$, { idOf: (reply: Reply) => reply.id, tombstones, scheduler })
        const ends: string[][] = []
        const leavers = new Map<string, () => void>()
        let placed = 0
        let sent = 0
        matcher.late$.subscribe(() => (placed += 1))
        matcher.unmatched$.subscribe(() => (placed += 1))
        matcher.connect()
        const reply = (to: string) => reply$.next({ id: to, n: sent++ })
        for (const each of steps) {
          if (each.do === 'wait') scheduler.advanceBy(each.ms)
          else if (each.do === 'reply') reply(each.id)
          else if (each.do === 'leave') leavers.get(each.id)?.()
          else {
            const end: string[] = []
            ends.push(end)
            const write = () => {
              if (each.now) reply(each.id)
              if (each.throws) throw new Error('wire')
            }
            const subscription = matcher.request(each.id, write, { timeoutMs: 10 }).subscribe({
              next: () => (placed += 1),
              error: () => end.push('error'),
              complete: () => end.push('complete'),
            })
            leavers.set(each.id, () => {
              if (!subscription.closed) end.push('left')
              subscription.unsubscribe()
            })
          }
          expect(placed).toBe(sent)
          expect(matcher.inFlight).toBe(ends.filter((end) => end.length === 0).length)
        }
        reply$.complete()
        expect(ends.map((end) => end.length)).toEqual(ends.map(() => 1))
        expect([matcher.inFlight, scheduler.pending]).toEqual([0, 0])
      }),
      { numRuns: 500 },
    )
  })
})
