import type { Action, Level } from '../protocol/index.js'

/** Book snapshot of the rest of the market in a symbol. Replaces the previous one. */
export interface BookSnapshotEvent {
  readonly type: 'quote'
  readonly symbol: string
  /** The best first. Left as they are when absent. */
  readonly bids?: readonly Level[]
  /** The best first. Left as they are when absent. */
  readonly asks?: readonly Level[]
  /** Milliseconds since 1970. */
  readonly timestamp: number
  /**
   * Number of the last book change that this event includes, as the recorded market counts them.
   */
  readonly updateId?: number
}

/** The rest of the market shows so much at these prices now; what it shows at others stays. */
export interface BookDeltaEvent {
  readonly type: 'levels'
  readonly symbol: string
  /** 0 is no more of it. */
  readonly bids: readonly Level[]
  /** 0 is no more of it. */
  readonly asks: readonly Level[]
  /** Milliseconds since 1970. */
  readonly timestamp: number
  /** As in a BookSnapshotEvent. */
  readonly updateId?: number
}

/**
 * A taker of the rest of the market trades with the book at `price` or better, up to `quantity`.
 */
export interface TakeEvent {
  readonly type: 'take'
  readonly symbol: string
  /** The aggressor's. */
  readonly action: Action
  readonly price: number
  readonly quantity: number
  /** Milliseconds since 1970. */
  readonly timestamp: number
}

/**
 * A trade of a recorded market. It is reported once, as recorded, and fills the resting orders that
 * it reaches.
 */
export interface RecordedTradeEvent {
  readonly type: 'trade'
  readonly symbol: string
  /** The aggressor's. */
  readonly action: Action
  readonly price: number
  readonly quantity: number
  /** Milliseconds since 1970. */
  readonly timestamp: number
}

/** Progress of reading a file: once per piece of it, and at its end. Changes no market. */
export interface ProgressEvent {
  readonly type: 'progress'
  readonly bytesRead: number
  readonly bytesTotal: number
  /** Notes on rows that were left out or repaired since the last progress, each with its file. */
  readonly notes?: readonly string[]
}

/** Event of a market: a recording and a synthetic market emit the same. */
export type MarketEvent = BookSnapshotEvent | BookDeltaEvent | TakeEvent | RecordedTradeEvent | ProgressEvent

/**
 * Events of a recording, in time order and piece by piece: the next piece is read when it is asked
 * for, so that a recording of any size takes the memory of a piece. {@link replayMarket} makes an
 * observable of it, `mergeByTime` one of many.
 */
export type MarketEvents = AsyncIterable<readonly MarketEvent[]>

/** Makes a progress event; without the field `notes` where there are none. */
export const progress = (bytesRead: number, bytesTotal: number, notes: readonly string[] = []): ProgressEvent => ({
  type: 'progress',
  bytesRead,
  bytesTotal,
  ...(notes.length > 0 ? { notes } : {}),
})
