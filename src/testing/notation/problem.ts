import type { TextSpan } from './span.js'

/** One thing that is wrong with a lane text. */
export interface NotationProblem {
  readonly span: TextSpan
  /** In words, with what to write instead. */
  readonly message: string
}

const caretLine = (line: string, { column, length }: TextSpan): string =>
  `${line.slice(0, column - 1).replace(/\S/g, ' ')}${'^'.repeat(Math.max(1, length))}`

/** The lane text cannot be read. Tells every problem in it, each with its line and column. */
export class NotationError extends Error {
  readonly _tag = 'NotationError'
  override readonly name = 'NotationError'
  readonly problems: readonly NotationProblem[]
  /** The text that the lines and columns are of. */
  readonly text: string

  constructor(text: string, problems: readonly NotationProblem[]) {
    const lines = text.split('\n')
    const inOrder = [...problems].sort((a, b) => a.span.line - b.span.line || a.span.column - b.span.column)
    const told = inOrder.map(({ span, message }) => {
      const line = lines[span.line - 1] ?? ''
      return `line ${span.line}, column ${span.column}: ${message}\n    ${line}\n    ${caretLine(line, span)}`
    })
    super(told.join('\n'))
    this.problems = inOrder
    this.text = text
  }
}

const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1
      next.push(Math.min((next[j - 1] ?? 0) + 1, (row[j] ?? 0) + 1, (row[j - 1] ?? 0) + same))
    }
    row = next
  }
  return row[b.length] ?? 0
}

/** `; did you mean "tick"?` where a known name is near, else the names there are. */
export const suggestion = (name: string, known: readonly string[]): string => {
  const near = known
    .map((each) => ({ each, away: distance(name.toLowerCase(), each.toLowerCase()) }))
    .filter(({ away }) => away <= Math.ceil(name.length / 3))
    .sort((a, b) => a.away - b.away)[0]
  if (near !== undefined) return `; did you mean "${near.each}"?`
  return known.length === 0 ? '' : `; there are ${known.slice(0, 12).join(', ')}${known.length > 12 ? ' …' : ''}`
}
