import type { Level } from '../protocol/index.js'
import type { LevelsEvent, QuoteEvent } from './market-event.js'

/** A message of a recorded order book, as exchanges send them: the whole of it, or what changed from one update to another. */
export interface BookMessage {
  readonly type: 'SNAPSHOT' | 'UPDATE'
  /** The numbers of the first and last change in it; those of a snapshot are the number of the last change before it was taken. */
  readonly firstId: number
  readonly lastId: number
  /** Milliseconds since 1970 by the exchange; undefined where it did not say. */
  readonly timestamp: number | undefined
  readonly bids: readonly Level[]
  readonly asks: readonly Level[]
}

/** Updates that wait for a snapshot: more than this is no delay but a recording without one. */
const MOST_WAITING = 10_000

/** What {@link bookJoin} makes of messages. */
export interface BookJoin {
  /** What a message means for the book; throws a RangeError, in words, when there is too much that nothing can be made of. */
  next(message: BookMessage): readonly (QuoteEvent | LevelsEvent)[]
  /** What is left to be told when there are no more messages. Throws as `next` does. */
  end(): readonly (QuoteEvent | LevelsEvent)[]
}

/**
 * Puts a recorded order book together: a snapshot and updates that were asked for at the same time and overlap.
 *
 * - Updates that came before the snapshot wait for it. Then those that end before it are dropped, one that straddles it is applied (levels are
 *   absolute, so what the snapshot has already does no harm), and so is what follows.
 * - Each update must begin where the one before ended. If one is missing the book is not known: it is emptied, so that nobody trades in it, and
 *   updates wait for the next snapshot.
 * - A snapshot that says no time has that of the first update after it.
 */
export const bookJoin = (symbol: string): BookJoin => {
  /** The number of the last change in the book; undefined while there is no book. */
  let lastId: number | undefined
  let snapshot: BookMessage | undefined
  let waiting: BookMessage[] = []

  const book = ({ bids, asks, lastId: updateId }: BookMessage, timestamp: number): QuoteEvent => ({
    type: 'quote',
    symbol,
    bids: [...bids].sort(([a], [b]) => b - a),
    asks: [...asks].sort(([a], [b]) => a - b),
    timestamp,
    updateId,
  })
  const changes = ({ bids, asks, lastId: updateId }: BookMessage, timestamp: number): LevelsEvent => ({
    type: 'levels',
    symbol,
    bids,
    asks,
    timestamp,
    updateId,
  })

  /** An update, when there is a book or a snapshot that waits for it. */
  const apply = (update: BookMessage): readonly (QuoteEvent | LevelsEvent)[] => {
    const { timestamp = 0 } = update
    const known = lastId ?? 0
    if (update.lastId <= known) return []
    if (update.firstId > known + 1) {
      const emptied = book({ ...update, bids: [], asks: [] }, timestamp)
      const hadBook = snapshot === undefined
      lastId = undefined
      snapshot = undefined
      waiting = [update]
      return hadBook ? [emptied] : []
    }
    const first = snapshot
    snapshot = undefined
    lastId = update.lastId
    return [...(first === undefined ? [] : [book(first, first.timestamp ?? timestamp)]), changes(update, timestamp)]
  }

  return {
    next: (message) => {
      if (message.type === 'SNAPSHOT') {
        // One that came late: the book is further already.
        if (snapshot === undefined && lastId !== undefined && message.lastId < lastId) return []
        const before = waiting
        waiting = []
        snapshot = message
        lastId = message.lastId
        return before.flatMap(apply)
      }
      if (lastId !== undefined) return apply(message)
      waiting.push(message)
      if (waiting.length > MOST_WAITING)
        throw new RangeError(`${MOST_WAITING} updates of ${symbol} and no SNAPSHOT to begin from`)
      return []
    },
    end: () => {
      if (lastId === undefined && waiting.length > 0) {
        throw new RangeError(
          `the last ${waiting.length} updates of ${symbol} follow no SNAPSHOT: the book cannot be told without the one before them`,
        )
      }
      return snapshot === undefined ? [] : [book(snapshot, snapshot.timestamp ?? 0)]
    },
  }
}
