import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { mergeByTime, type MarketEvent, type MarketEvents } from '../../src/market/index.js'

const take = (timestamp: number, symbol: string): MarketEvent => ({
  type: 'trade',
  symbol,
  action: 'BUY',
  price: 1,
  quantity: 1,
  timestamp,
})

async function* pieces(events: readonly (readonly MarketEvent[])[], ended?: () => void): MarketEvents {
  try {
    for (const piece of events) yield await Promise.resolve(piece)
  } finally {
    ended?.()
  }
}
const all = async (events: MarketEvents) => {
  const got: MarketEvent[] = []
  for await (const piece of events) got.push(...piece)
  return got
}

describe('recordings in time order', () => {
  it('are every event of every source once, by time, and at one instant in the order of the sources', async () => {
    const source = fc.array(fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 5 }), { maxLength: 6 })
    await fc.assert(
      fc.asyncProperty(fc.array(source, { maxLength: 5 }), async (sources) => {
        const made = sources.map((times, index) => {
          const sorted = times.flat().sort((a, b) => a - b)
          let at = 0
          return times.map((piece) => piece.map(() => take(sorted[at++] ?? 0, `${index}-${at}`)))
        })
        const got = await all(mergeByTime(...made.map((each) => pieces(each))))
        const flat = made.flatMap((each) => each.flat())
        const stable = [...flat].sort((a, b) => ('timestamp' in a && 'timestamp' in b ? a.timestamp - b.timestamp : 0))
        expect(got).toEqual(stable)
      }),
    )
  })

  it('hold one piece of each: a source is not read before its next event is due', async () => {
    let read = 0
    async function* long(step: number): MarketEvents {
      for (let at = 0; at < 100_000; at += step) {
        read += 1
        yield await Promise.resolve([take(at, 'a')])
      }
    }
    const got: MarketEvent[] = []
    for await (const piece of mergeByTime(long(10), long(1_000))) {
      got.push(...piece)
      break
    }
    expect(got.length).toBe(1_000)
    expect(read).toBeLessThan(1_010)
  })

  it('report the progress of all together, and release all when one fails or the reader stops', async () => {
    const progress = (bytesRead: number, bytesTotal: number): MarketEvent => ({
      type: 'progress',
      bytesRead,
      bytesTotal,
    })
    const got = await all(
      mergeByTime(
        pieces([[progress(0, 10)], [take(1, 'a'), progress(10, 10)]]),
        pieces([[progress(0, 30)], [take(2, 'b'), progress(30, 30)]]),
      ),
    )
    expect(got).toEqual([progress(0, 40), take(1, 'a'), progress(10, 40), take(2, 'b'), progress(40, 40)])

    const ended: string[] = []
    async function* failing(): MarketEvents {
      yield await Promise.resolve([take(1, 'a')])
      throw new Error('torn')
    }
    await expect(
      all(
        mergeByTime(
          pieces([[take(5, 'b')], [take(6, 'b')]], () => ended.push('b')),
          failing(),
        ),
      ),
    ).rejects.toThrow('torn')
    expect(ended).toEqual(['b'])
  })
})
