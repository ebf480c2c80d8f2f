/** A sequence number; a bigint beyond 2^53. NaN cannot be counted with. */
type Seq = number | bigint

/** The sequence numbers of an account's order and fill notices (feature `resume`). */
export interface Sequence {
  /** The last one seen; undefined where the server has no such feature. */
  readonly last: Seq | undefined
  /** A session begins at this number. */
  begin(seq: Seq | undefined): void
  /** Notes the number of a notice; false when some before it never came, or may not have. */
  note(seq: Seq | undefined): boolean
}

const following = (last: Seq): Seq => (Number.isSafeInteger(last) ? Number(last) + 1 : BigInt(last) + 1n)

export function createSequence(): Sequence {
  let last: Seq | undefined
  return {
    get last() {
      return last
    },
    begin(seq) {
      last = Number.isNaN(seq) ? undefined : seq
    },
    note(seq) {
      if (seq === undefined) return true
      if (Number.isNaN(seq)) return false
      // mutant: hole-in-numbers
      const complete = last === undefined || seq <= following(last)
      if (last === undefined || seq > last) last = seq
      return complete
    },
  }
}
