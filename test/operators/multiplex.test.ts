import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { config, filter, Observable, Subject, take, takeUntil } from 'rxjs'
import { type Multiplexed, type MultiplexOptions, multiplex } from '../../src/operators/index.js'
import { leftBehindMb } from '../time/garbage.js'
import { marbles } from './marbles.js'

interface Frame {
  readonly key: string | undefined
  readonly n: number
}

/** A source, taken apart, and a log of who got what. */
function scene(options: MultiplexOptions = {}) {
  const source = new Subject<Frame>()
  const frames = multiplex((frame: Frame) => frame.key, options)(source)
  const log: string[] = []
  const listen = (name: string, stream$: Observable<Frame>) =>
    stream$.subscribe({
      next: ({ n }) => log.push(`${name} ${n}`),
      error: (error: unknown) => log.push(`${name} ${(error as Error).message}`),
      complete: () => log.push(`${name} end`),
    })
  const send = (key: string | undefined, ...ns: number[]) => ns.forEach((n) => source.next({ key, n }))
  return { source, frames, log, listen, send, select: (key: string) => listen(key, frames.select(key)) }
}

describe('multiplex', () => {
  it('gives each key its own stream, in time and in order', () => {
    const m = marbles()
    const source = m.hot('           -aAb-Ba--c-|')
    const letters: Multiplexed<string, string> = multiplex((letter: string) => letter.toLowerCase())(source)
    m.expect(letters.select('a'), '  -aA---a----|')
    m.expect(letters.select('b'), '  ---b-B-----|')
    m.expect(letters.unclaimed$, '   ---------c-|')
    letters.connect()
    m.run()
  })

  it('serves any number of subscribers of one key', () => {
    const { frames, select, send, log } = scene()
    select('a')
    select('a')
    frames.connect()
    send('a', 1)
    expect(log).toEqual(['a 1', 'a 1'])
  })

  it('takes nothing from the source before connect, and subscribes to it once', () => {
    let subscriptions = 0
    const source = new Observable<Frame>(() => {
      subscriptions += 1
    })
    const frames = multiplex((frame: Frame) => frame.key)(source)
    frames.select('a').subscribe()
    expect(subscriptions).toBe(0)
    expect(frames.connect()).toBe(frames.connect())
    expect(subscriptions).toBe(1)
  })

  it('leaves the source when the connection is unsubscribed, and can be connected again', () => {
    const { source, frames, select, send, log } = scene()
    select('a')
    frames.connect().unsubscribe()
    expect(source.observed).toBe(false)
    send('a', 1)
    frames.connect()
    send('a', 2)
    expect(log).toEqual(['a 2'])
  })

  it('forgets a key when its last subscriber has left', () => {
    const { frames, listen, select, send, log } = scene()
    listen('unclaimed', frames.unclaimed$)
    frames.connect()
    const first = select('a')
    const second = select('a')
    first.unsubscribe()
    send('a', 1)
    second.unsubscribe()
    send('a', 2)
    select('a')
    send('a', 3)
    expect(log).toEqual(['a 1', 'unclaimed 2', 'a 3'])
  })

  it('sends values without a key, and of keys that nobody selects, to unclaimed$', () => {
    const { frames, listen, select, send, log } = scene({ holdLimit: 0 })
    listen('unclaimed', frames.unclaimed$)
    frames.connect()
    select('a')
    send(undefined, 1)
    send('b', 2)
    send('a', 3)
    expect(log).toEqual(['unclaimed 1', 'unclaimed 2', 'a 3'])
  })

  it('is not confused by keys that every object has', () => {
    const { frames, listen, select, send, log } = scene({ holdLimit: 10 })
    listen('unclaimed', frames.unclaimed$)
    frames.connect()
    const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', '']
    for (const name of names) send(name, 1)
    expect(log).toEqual([])
    for (const name of names) select(name)
    for (const name of names) send(name, 2)
    expect(log).toEqual([...names.map((name) => `${name} 1`), ...names.map((name) => `${name} 2`)])
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })

  it('takes NaN and -0 for keys as a Map does', () => {
    const source = new Subject<number>()
    const numbers = multiplex((n: number) => n)(source)
    const seen: number[] = []
    numbers.select(NaN).subscribe((n) => seen.push(n))
    numbers.select(0).subscribe((n) => seen.push(n))
    numbers.connect()
    source.next(NaN)
    source.next(-0)
    expect(seen).toEqual([NaN, -0])
  })

  it('ends every stream as the source does, those too that are selected later', () => {
    for (const how of ['end', 'broken']) {
      const { source, frames, listen, select, log } = scene()
      listen('unclaimed', frames.unclaimed$)
      select('a')
      select('b')
      const connection = frames.connect()
      if (how === 'end') source.complete()
      else source.error(new Error(how))
      select('c')
      expect(log).toEqual([`a ${how}`, `b ${how}`, `unclaimed ${how}`, `c ${how}`])
      expect(connection.closed).toBe(true)
      expect(frames.connect().closed).toBe(true)
    }
  })

  it('takes a key function that throws for an error of the source', () => {
    const source = new Subject<number>()
    const broken = multiplex<number, string>(() => {
      throw new Error('no key')
    })(source)
    const seen: unknown[] = []
    broken.select('a').subscribe({ error: (error: unknown) => seen.push(String(error)) })
    broken.connect()
    source.next(1)
    source.next(2)
    expect(seen).toEqual(['Error: no key'])
    expect(source.observed).toBe(false)
  })

  it('does not let a subscriber that throws hurt another', async () => {
    const { frames, select, send, log } = scene()
    const reported: unknown[] = []
    config.onUnhandledError = (error) => reported.push(error)
    try {
      frames.select('a').subscribe(() => {
        throw new Error('mine')
      })
      select('a')
      frames.connect()
      send('a', 1, 2)
      expect(log).toEqual(['a 1', 'a 2'])
      // rxjs reports them in a later turn.
      await new Promise((resolve) => setTimeout(resolve, 5))
      expect(reported).toEqual([new Error('mine'), new Error('mine')])
    } finally {
      config.onUnhandledError = null
    }
  })

  it('keeps nothing of 100,000 subscribers that came and left', () => {
    const { frames, select, send, log, listen } = scene()
    frames.connect()
    for (let n = 0; n < 100_000; n++)
      frames
        .select(`key ${n % 1000}`)
        .subscribe()
        .unsubscribe()
    listen('unclaimed', frames.unclaimed$)
    for (let n = 0; n < 1000; n++) send(`key ${n}`, n)
    expect(log).toHaveLength(1000)
    expect(log[7]).toBe('unclaimed 7')
    select('key 1')
    send('key 1', 1)
    expect(log.at(-1)).toBe('key 1 1')
  })
})

describe('multiplex with a hold', () => {
  it('delivers what came before the first subscriber, in order, and to nobody twice', () => {
    const { frames, select, send, log } = scene({ holdLimit: 10 })
    frames.connect()
    send('a', 1, 2)
    send('b', 3)
    select('a')
    send('a', 4)
    select('a')
    send('a', 5)
    expect(log).toEqual(['a 1', 'a 2', 'a 4', 'a 5', 'a 5'])
  })

  it('gives up the oldest of all keys first', () => {
    const { frames, listen, select, send, log } = scene({ holdLimit: 3 })
    listen('unclaimed', frames.unclaimed$)
    frames.connect()
    send('a', 1)
    send('b', 2)
    send('a', 3)
    send('c', 4, 5)
    select('a')
    select('b')
    select('c')
    expect(log).toEqual(['unclaimed 1', 'unclaimed 2', 'a 3', 'c 4', 'c 5'])
  })

  it('does not hold what has no key', () => {
    const { frames, listen, send, log } = scene({ holdLimit: 3 })
    listen('unclaimed', frames.unclaimed$)
    frames.connect()
    send(undefined, 1)
    expect(log).toEqual(['unclaimed 1'])
  })

  it('puts what arrives during the delivery behind what was held, beyond the limit too', () => {
    const { frames, listen, send, log } = scene({ holdLimit: 2 })
    listen('unclaimed', frames.unclaimed$)
    frames.connect()
    send('a', 1, 2)
    frames.select('a').subscribe(({ n }) => {
      log.push(`a ${n}`)
      if (n === 1) send('a', 3, 4, 5)
    })
    expect(log).toEqual(['a 1', 'a 2', 'a 3', 'a 4', 'a 5'])
  })

  it('delivers what arrives during the delivery of the last that was held, before what comes later', () => {
    const { frames, send, log } = scene({ holdLimit: 2 })
    frames.connect()
    send('a', 1)
    frames.select('a').subscribe(({ n }) => {
      log.push(`a ${n}`)
      if (n < 3) send('a', n + 1)
    })
    send('a', 4)
    expect(log).toEqual(['a 1', 'a 2', 'a 3', 'a 4'])
  })

  it('keeps the rest, in its place, when the subscriber leaves during the delivery', () => {
    const { frames, select, send, log, listen } = scene({ holdLimit: 10 })
    frames.connect()
    send('a', 1, 2, 3)
    listen('first', frames.select('a').pipe(take(1)))
    send('a', 4)
    select('a')
    expect(log).toEqual(['first 1', 'first end', 'a 2', 'a 3', 'a 4'])
  })

  it('keeps order when the subscriber leaves and more arrives during the delivery', () => {
    const { frames, select, send, log } = scene({ holdLimit: 10 })
    frames.connect()
    send('a', 1, 2)
    const leave = new Subject<void>()
    frames
      .select('a')
      .pipe(takeUntil(leave))
      .subscribe(({ n }) => {
        log.push(`first ${n}`)
        leave.next()
        send('a', 3)
      })
    select('a')
    expect(log).toEqual(['first 1', 'a 2', 'a 3'])
  })

  it('keeps its limit when a subscriber leaves and more than that arrives during the delivery', () => {
    const { frames, listen, select, send, log } = scene({ holdLimit: 2 })
    listen('unclaimed', frames.unclaimed$)
    frames.connect()
    send('a', 1, 2)
    const leave = new Subject<void>()
    frames
      .select('a')
      .pipe(takeUntil(leave))
      .subscribe(({ n }) => {
        log.push(`first ${n}`)
        send('a', 3, 4)
        leave.next()
      })
    select('a')
    expect(log).toEqual(['first 1', 'unclaimed 2', 'a 3', 'a 4'])
  })

  it('lets one who comes during the delivery hear the rest', () => {
    const { frames, select, send, log } = scene({ holdLimit: 10 })
    frames.connect()
    send('a', 1, 2)
    frames.select('a').subscribe(({ n }) => {
      log.push(`first ${n}`)
      if (n === 1) select('a')
    })
    expect(log).toEqual(['first 1', 'first 2', 'a 2'])
  })

  it('delivers all that was held before an end that comes during the delivery', () => {
    const { source, frames, send, log } = scene({ holdLimit: 10 })
    frames.connect()
    send('a', 1, 2)
    frames.select('a').subscribe({
      next: ({ n }) => {
        log.push(`a ${n}`)
        if (n === 1) source.complete()
      },
      complete: () => log.push('a end'),
    })
    expect(log).toEqual(['a 1', 'a 2', 'a end'])
  })

  it('gives up what is still held when the source ends', () => {
    const { source, frames, listen, send, log } = scene({ holdLimit: 10 })
    listen('unclaimed', frames.unclaimed$)
    frames.connect()
    send('a', 1)
    send('b', 2)
    source.complete()
    expect(log).toEqual(['unclaimed 1', 'unclaimed 2', 'unclaimed end'])
  })

  it('keeps nothing of keys whose values were given up: a peer can think of many', () => {
    const { frames, send } = scene({ holdLimit: 10 })
    frames.connect()
    const left = leftBehindMb(() => {
      for (let n = 0; n < 100_000; n++) send(`key ${n}`, n)
    })
    expect(left).toBeLessThan(4)
  })

  it('loses nothing and keeps order, whoever comes and leaves', () => {
    const key = fc.constantFrom('a', 'b', '__proto__')
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.record({ do: fc.constant('send' as const), key }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('select' as const), key }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('leave' as const), key }) },
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), fc.integer({ min: 0, max: 5 }), (steps, holdLimit) => {
        const { source, frames, send } = scene({ holdLimit })
        const delivered = new Map<string, number[]>([
          ['a', []],
          ['b', []],
          ['__proto__', []],
        ])
        const unclaimed: number[] = []
        const subscriptions = new Map<string, { unsubscribe(): void }>()
        frames.unclaimed$.subscribe(({ n }) => unclaimed.push(n))
        frames.connect()
        steps.forEach((each, n) => {
          if (each.do === 'send') send(each.key, n)
          else if (each.do === 'leave') {
            subscriptions.get(each.key)?.unsubscribe()
            subscriptions.delete(each.key)
          } else if (!subscriptions.has(each.key)) {
            const mine = delivered.get(each.key)!
            subscriptions.set(
              each.key,
              frames.select(each.key).subscribe(({ n: got }) => mine.push(got)),
            )
          }
        })
        source.complete()
        for (const ns of delivered.values()) expect(ns).toEqual([...ns].sort((a, b) => a - b))
        const all = [...delivered.values(), unclaimed].flat().sort((a, b) => a - b)
        expect(all).toEqual(steps.flatMap((each, n) => (each.do === 'send' ? [n] : [])))
      }),
      { numRuns: 300 },
    )
  })

  it('gives a subscriber what a filter would', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', 'b', 'c', undefined)), (keys) => {
        const { source, frames } = scene()
        const routed: number[] = []
        const filtered: number[] = []
        frames.select('a').subscribe(({ n }) => routed.push(n))
        source.pipe(filter(({ key }) => key === 'a')).subscribe(({ n }) => filtered.push(n))
        frames.connect()
        keys.forEach((key, n) => source.next({ key, n }))
        expect(routed).toEqual(filtered)
      }),
    )
  })
})
