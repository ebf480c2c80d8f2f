/** Dots of a braille character, by row and column. */
const DOTS = [
  [1, 8],
  [2, 16],
  [4, 32],
  [64, 128],
] as const
const BLANK = 0x2800

/**
 * Draws a curve with braille characters, two by four dots each, with values at its left edge.
 *
 * @param width - columns of the curve
 * @param height - lines
 */
export function brailleCurve(
  values: readonly number[],
  { width, height, label }: { readonly width: number; readonly height: number; label: (value: number) => string },
): string[] {
  if (values.length < 2 || width < 1 || height < 1) return []
  let [low, high] = [Infinity, -Infinity]
  for (const value of values) {
    low = Math.min(low, value)
    high = Math.max(high, value)
  }
  const span = high - low
  const rows = 4 * height
  const cells = Array.from({ length: height }, () => new Array<number>(width).fill(0))
  const rowOf = (value: number): number =>
    span === 0 ? Math.floor(rows / 2) : Math.round((rows - 1) * (1 - (value - low) / span))
  const columns = 2 * width
  let before: number | undefined
  for (let column = 0; column < columns; column++) {
    const begin = Math.floor((column * values.length) / columns)
    const end = Math.max(begin + 1, Math.floor(((column + 1) * values.length) / columns))
    // All that a column holds is drawn: a short dip must not vanish between two samples.
    let [top, bottom] = [Infinity, -Infinity]
    for (let index = begin; index < end && index < values.length; index++) {
      const row = rowOf(values[index] ?? low)
      top = Math.min(top, row)
      bottom = Math.max(bottom, row)
    }
    const last = rowOf(values[Math.min(end, values.length) - 1] ?? low)
    if (before !== undefined) {
      top = Math.min(top, before)
      bottom = Math.max(bottom, before)
    }
    for (let row = top; row <= bottom; row++) {
      const line = cells[row >> 2]
      if (line !== undefined) line[column >> 1] = (line[column >> 1] ?? 0) | (DOTS[row & 3]?.[column & 1] ?? 0)
    }
    before = last
  }
  const labels = cells.map((_, line) => {
    const value = height === 1 ? high : high - (span * line) / (height - 1)
    return label(value)
  })
  const room = Math.max(...labels.map((text) => text.length))
  return cells.map(
    (line, index) =>
      `${(labels[index] ?? '').padStart(room)} ┤${line.map((bits) => String.fromCodePoint(BLANK + bits)).join('')}`,
  )
}
