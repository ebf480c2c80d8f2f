/** What was found in a journal. */
export interface JournalReport {
  readonly path: string
  /** Where it is damaged and how, in words; {@link noFinding} where it is not. */
  readonly finding: string
  readonly isMendable: boolean
  readonly notes: readonly string[]
}

export const noFinding = ''
