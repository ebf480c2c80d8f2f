import { ageMs, type Clock, type Instant, instant } from '../../time/index.js'

/**
 * Instant until which everything that the server sent has been received. A frame that comes now may
 * have lain in the socket for a minute, so only an answer tells: whatever was sent before its
 * question was read has come.
 */
export interface Completeness {
  readonly until: Instant
  /** A question has been answered that was asked at this instant. */
  answered(asked: Instant): void
  /** A frame of an order is about to be written. Call the result if it could not be. */
  orderWritten(cid: string, asked: Instant): () => void
  /**
   * A reply has come. One to an order may answer the oldest of its frames, which all have one cid,
   * and proves no more than that. Returns false where it is no reply to an order.
   */
  orderAnswered(cid: string): boolean
}

export const createCompleteness = (clock: Clock): Completeness => {
  let until = instant(clock)
  /** Instants of the unanswered frames of each order, the oldest first. */
  const frames = new Map<string, Instant[]>()

  /** Questions may be answered out of their order: the latest of those that were counts. */
  const answered = (asked: Instant): void => {
    if (ageMs(clock, asked) < ageMs(clock, until)) until = asked
  }

  return {
    get until() {
      return until
    },
    answered,
    orderWritten(cid, asked) {
      const before = frames.get(cid)
      if (before === undefined) frames.set(cid, [asked])
      else before.push(asked)
      return () => {
        if (before === undefined) frames.delete(cid)
        else before.pop()
      }
    },
    orderAnswered(cid) {
      const [oldest, ...others] = frames.get(cid) ?? []
      if (oldest === undefined) return false
      answered(oldest)
      if (others.length > 0) frames.set(cid, others)
      else frames.delete(cid)
      return true
    },
  }
}
