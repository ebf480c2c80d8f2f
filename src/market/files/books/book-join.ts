import type { Level } from '../../../protocol/index.js'
import type { BookDeltaEvent, BookSnapshotEvent } from '../../market-event.js'

/**
 * A message of a recorded order book, as exchanges send them: the whole book, or its changes from
 * one update to another.
 */
export interface BookMessage {
  readonly type: 'SNAPSHOT' | 'UPDATE'
  /**
   * Ids of the first and last change in it; those of a snapshot are the id of the last change
   * before it was taken.
   */
  readonly firstId: number
  readonly lastId: number
  /**
   * Last id of the update before, where the feed says it (`pu` of futures): updates are then joined
   * by it.
   */
  readonly previousId?: number | undefined
  /** Milliseconds since 1970 by the exchange; undefined where it did not say. */
  readonly timestamp: number | undefined
  readonly bids: readonly Level[]
  readonly asks: readonly Level[]
}

/** Updates that wait for a snapshot: more than this is no delay but a recording without one. */
const MOST_WAITING = 10_000

/** Joins the messages of a recorded order book. */
export interface BookJoin {
  /**
   * Returns the changes that a message makes to the book. Throws a RangeError when too many updates
   * follow no snapshot.
   */
  next(message: BookMessage): readonly (BookSnapshotEvent | BookDeltaEvent)[]
  /** Returns the remaining changes after the last message. Throws as `next` does. */
  end(): readonly (BookSnapshotEvent | BookDeltaEvent)[]
}

/**
 * Puts a recorded order book together from a snapshot and updates that were requested at the same
 * time and overlap.
 *
 * - Updates that came before the snapshot wait for it. Those that end before it are then dropped;
 *   one that straddles it is applied (levels are absolute, so repeating them does no harm), and so
 *   is what follows.
 * - Each update must begin where the one before ended: by `previousId` where there is one, else by
 *   `firstId`. If one is missing the book is unknown: it is emptied, so that nothing trades in it,
 *   and updates wait for the next snapshot.
 * - A later snapshot replaces the book. One with lower ids than the book is late if the updates
 *   behind it go on with the book, and a new count of ids (the exchange or the recorder was
 *   restarted) if they go on with the snapshot, or if it is the newer one by its own time.
 * - A snapshot without a time has that of the first update after it. A snapshot whose best bid is
 *   not below its best ask is refused.
 */
export const bookJoin = (symbol: string): BookJoin => {
  /** Id of the last change in the book; undefined while there is no book. */
  let lastId: number | undefined
  /** Time of the last change in the book. */
  let changedMs = -Infinity
  /** Snapshot that waits for the first update after it, for its time. */
  let snapshot: BookMessage | undefined
  /** Snapshot with lower ids than the book: late, or the first of a new count. */
  let lower: BookMessage | undefined
  /** True while the next update is the first after a snapshot. */
  let isFirst = false
  let waiting: BookMessage[] = []

  const book = ({ bids, asks, lastId: updateId }: BookMessage, timestamp: number): BookSnapshotEvent => ({
    type: 'quote',
    symbol,
    bids: [...bids].sort(([a], [b]) => b - a),
    asks: [...asks].sort(([a], [b]) => a - b),
    timestamp,
    updateId,
  })
  const changes = ({ bids, asks, lastId: updateId }: BookMessage, timestamp: number): BookDeltaEvent => ({
    type: 'levels',
    symbol,
    bids,
    asks,
    timestamp,
    updateId,
  })

  const begin = (message: BookMessage): readonly (BookSnapshotEvent | BookDeltaEvent)[] => {
    const before = waiting
    waiting = []
    lower = undefined
    snapshot = message
    isFirst = true
    lastId = message.lastId
    return before.flatMap(apply)
  }

  /** An update, when there is a book or a snapshot that waits for it. */
  const apply = (update: BookMessage): readonly (BookSnapshotEvent | BookDeltaEvent)[] => {
    const { timestamp = 0 } = update
    const known = lastId ?? 0
    if (lower !== undefined && !continues(update, known, isFirst) && continues(update, lower.lastId, true)) {
      return [...begin(lower), ...apply(update)]
    }
    if (isOver(update, known, isFirst)) return []
    if (!continues(update, known, isFirst)) {
      const emptied = book({ ...update, bids: [], asks: [] }, timestamp)
      const hadBook = snapshot === undefined
      lastId = undefined
      lower = undefined
      snapshot = undefined
      waiting = [update]
      return hadBook ? [emptied] : []
    }
    const first = snapshot
    snapshot = undefined
    lower = undefined
    isFirst = false
    lastId = update.lastId
    changedMs = Math.max(changedMs, timestamp)
    return [...(first === undefined ? [] : [book(first, first.timestamp ?? timestamp)]), changes(update, timestamp)]
  }

  return {
    next: (message) => {
      if (message.type === 'SNAPSHOT') {
        checkUncrossed(symbol, message)
        const isLower = snapshot === undefined && lastId !== undefined && message.lastId < lastId
        if (!isLower || (message.timestamp ?? -Infinity) > changedMs) return begin(message)
        lower = message
        return []
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
          `the last ${waiting.length} updates of ${symbol} follow no SNAPSHOT: the book cannot be rebuilt without the one before them`,
        )
      }
      return snapshot === undefined ? [] : [book(snapshot, snapshot.timestamp ?? 0)]
    },
  }
}

/** True when an update holds nothing that is newer than the book. */
const isOver = (update: BookMessage, known: number, isFirst: boolean): boolean =>
  // Futures: the first update after a snapshot may end with the very id of it, and its successor
  // names that.
  update.previousId !== undefined && isFirst ? update.lastId < known : update.lastId <= known

/** True when an update follows the book without a hole. */
const continues = ({ firstId, lastId, previousId }: BookMessage, known: number, isFirst: boolean): boolean => {
  if (lastId < known) return false
  if (previousId === undefined) return lastId > known && firstId <= known + 1
  return previousId === known || (isFirst && (firstId <= known || previousId < known))
}

const checkUncrossed = (symbol: string, { bids, asks }: BookMessage): void => {
  const shown = (levels: readonly Level[]) => levels.filter(([, quantity]) => quantity > 0)
  const bid = shown(bids).reduce((best, [price]) => Math.max(best, price), -Infinity)
  const ask = shown(asks).reduce((best, [price]) => Math.min(best, price), Infinity)
  if (bid >= ask) {
    throw new RangeError(`the snapshot of ${symbol} is crossed: its best bid ${bid} is not below its best ask ${ask}`)
  }
}
