/** The sequence numbers of an account's order and fill notices (feature `resume`). */
export interface Sequence {
  /** The last one seen; undefined where the server has no such feature. */
  readonly last: number | undefined
  /** A session begins at this number. */
  begin(seq: number | undefined): void
  /** Notes the number of a notice; false when some before it never came. */
  note(seq: number | undefined): boolean
}

export function createSequence(): Sequence {
  let last: number | undefined
  return {
    get last() {
      return last
    },
    begin(seq) {
      last = seq
    },
    note(seq) {
      if (seq === undefined) return true
      const complete = last === undefined || seq <= last + 1
      last = Math.max(last ?? seq, seq)
      return complete
    },
  }
}
