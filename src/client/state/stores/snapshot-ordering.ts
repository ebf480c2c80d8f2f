/** Rank of an answer among those that came before it. */
export type Rank =
  /** It tells how things are, or were later than any answer before it did. */
  | 'newest'
  /**
   * Another question was answered while this one was on its way: which of the two answers is the
   * newer truth, only a third tells.
   */
  | 'unsure'
  /** A later question has been answered already. */
  | 'older'

/**
 * Ranks answers, which overtake each other on their way, as the questions do behind the gateway.
 */
export interface SnapshotOrdering {
  /** To be called as a question goes out; the result, to be called as its answer comes. */
  ask(): () => Rank
}

export function createSnapshotOrdering(): SnapshotOrdering {
  let asked = 0
  let answered = 0
  /** The latest question that was on its way, or answered, as the last answer came. */
  let overlapped = 0
  return {
    ask() {
      const nth = ++asked
      return () => {
        // mutant: older-answer
        if (nth < answered) return 'older'
        // mutant: overlapping-questions
        const rank = nth <= overlapped ? 'unsure' : 'newest'
        answered = nth
        overlapped = asked
        return rank
      }
    },
  }
}
