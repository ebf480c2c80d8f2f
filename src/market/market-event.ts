import type { Action, Level } from '../protocol/index.js'

/** What the rest of the market shows of a symbol: it replaces what it showed before. */
export interface BookSnapshotEvent {
  readonly type: 'quote'
  readonly symbol: string
  /** The best first. Left as they are when absent. */
  readonly bids?: readonly Level[]
  /** The best first. Left as they are when absent. */
  readonly asks?: readonly Level[]
  /** Milliseconds since 1970. */
  readonly timestamp: number
  /** The number by which the recorded market counts the changes of its book; up to and with this one they are told. */
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

/** Somebody of the rest of the market trades with what stands in the book at `price` or better, up to `quantity`. */
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

/** A trade of a recorded market: it is told once, as it was, and fills the resting orders that it reaches. */
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
  /** What was left out or mended on the way since the last progress, in words, each with its file. */
  readonly notes?: readonly string[]
}

/** What a source of market data tells; a recording and a synthetic market tell the same. */
export type MarketEvent = BookSnapshotEvent | BookDeltaEvent | TakeEvent | RecordedTradeEvent | ProgressEvent

/**
 * Events of a recording, in time order and piece by piece: the next piece is read when it is asked for, so that a recording of any size
 * takes the memory of a piece. {@link replayMarket} makes an observable of it, `mergeByTime` one of many.
 */
export type MarketEvents = AsyncIterable<readonly MarketEvent[]>

/** Makes a progress event; without the field `notes` where there are none. */
export const progress = (bytesRead: number, bytesTotal: number, notes: readonly string[] = []): ProgressEvent => ({
  type: 'progress',
  bytesRead,
  bytesTotal,
  ...(notes.length > 0 ? { notes } : {}),
})
