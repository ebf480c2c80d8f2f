/** A recording that cannot be read, and where. */
export class RecordingError extends Error {
  readonly _tag = 'RecordingError'
  override readonly name = 'RecordingError'

  constructor(
    readonly file: string,
    /** From 1. */
    readonly line: number,
    readonly reason: string,
    /** Unit of `line`: files without lines (JSON, Parquet, feather) count rows. */
    readonly unit: 'line' | 'row' = 'line',
  ) {
    super(`${file}, ${unit} ${line}: ${reason}`)
  }
}
