/** A stretch of one line of a lane text. Lines and columns count from 1, as editors do. */
export interface TextSpan {
  readonly line: number
  readonly column: number
  readonly length: number
}
