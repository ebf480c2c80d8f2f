/** Result of checking a journal. */
export interface JournalReport {
  readonly path: string
  /** Place and kind of the damage, in words; {@link noFinding} where there is none. */
  readonly finding: string
  readonly isMendable: boolean
  readonly notes: readonly string[]
}

export const noFinding = ''

/**
 * Describes a journal without damage.
 *
 * @param tornMeans - what the last line, torn by a crash, means for its order
 */
export const soundNotes = (
  {
    entries,
    torn,
    isPlain,
  }: { readonly entries: readonly unknown[]; readonly torn: number; readonly isPlain: boolean },
  tornMeans: string,
): readonly string[] => [
  `${entries.length} entries`,
  ...(torn > 0 ? [`a torn last line of ${torn} bytes: the next start drops it, ${tornMeans}`] : []),
  ...(isPlain ? ['written by version 0.1: without checksums most damage cannot be noticed'] : []),
]
