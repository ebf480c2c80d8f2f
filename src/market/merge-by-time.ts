import { type MarketEvent, type MarketEvents, progress } from './market-event.js'

/** Events are handed on in pieces of about this size. */
const PIECE = 1_000

/** One source, and how far it has been taken. */
class Cursor {
  bytesRead = 0
  bytesTotal = 0
  /** Notes that have not been emitted. */
  notes: readonly string[] = []
  /** Time of its next event; Infinity when none is left. */
  dueMs = -Infinity
  private piece: readonly MarketEvent[] = []
  private index = 0

  constructor(readonly events: AsyncIterator<readonly MarketEvent[], unknown>) {}

  /** True if the next event is loaded; otherwise `read` loads it. */
  get isReady(): boolean {
    return this.dueMs === Infinity || this.index < this.piece.length
  }

  /** Goes past what the source says of its progress, to its next event; whether it said any. */
  settle(): boolean {
    let moved = false
    for (; this.index < this.piece.length; this.index++) {
      const event = this.piece[this.index]
      if (event === undefined) continue
      if (event.type !== 'progress') {
        // A recording that goes back a little keeps its own order.
        this.dueMs = Math.max(this.dueMs, event.timestamp)
        break
      }
      this.bytesRead = event.bytesRead
      this.bytesTotal = event.bytesTotal
      if (event.notes !== undefined) this.notes = [...this.notes, ...event.notes]
      moved = true
    }
    return moved
  }

  take(): MarketEvent | undefined {
    return this.piece[this.index++]
  }

  async read(): Promise<void> {
    const next = await this.events.next()
    this.index = 0
    this.piece = next.done === true ? [] : next.value
    if (next.done === true) this.dueMs = Infinity
  }
}

/**
 * Many recordings as one, in time order; events of one instant come in the order of the sources. Of
 * each source one piece is held, so that the whole takes flat memory however long they are. The
 * progress told is that of all together. If one fails, so does the whole.
 *
 * @example
 * mergeByTime(readTrades('trades.csv.gz'), readBook('l2.csv.gz'))
 */
export async function* mergeByTime(...sources: readonly MarketEvents[]): MarketEvents {
  const cursors = sources.map((source) => new Cursor(source[Symbol.asyncIterator]()))
  try {
    let piece: MarketEvent[] = []
    for (;;) {
      let moved = false
      for (const cursor of cursors) {
        moved = cursor.settle() || moved
        while (!cursor.isReady) {
          await cursor.read()
          moved = cursor.settle() || moved
        }
      }
      if (moved) piece.push(progressOf(cursors))
      const next = first(cursors)
      if (next === undefined) break
      const event = next.take()
      if (event !== undefined) piece.push(event)
      if (piece.length < PIECE) continue
      yield piece
      piece = []
    }
    if (piece.length > 0) yield piece
  } finally {
    await Promise.all(cursors.map(async ({ events }) => events.return?.()))
  }
}

const progressOf = (cursors: readonly Cursor[]): MarketEvent => {
  const sum = (of: (cursor: Cursor) => number) => cursors.reduce((all, cursor) => all + of(cursor), 0)
  const notes = cursors.flatMap((cursor) => cursor.notes)
  for (const cursor of cursors) cursor.notes = []
  return progress(
    sum(({ bytesRead }) => bytesRead),
    sum(({ bytesTotal }) => bytesTotal),
    notes,
  )
}

const first = (cursors: readonly Cursor[]): Cursor | undefined => {
  let next: Cursor | undefined
  for (const cursor of cursors) if (cursor.dueMs < (next?.dueMs ?? Infinity)) next = cursor
  return next
}
