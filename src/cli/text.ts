/** How a piece of text is meant; a terminal turns it into a colour, a file into nothing. */
export type Style = 'strong' | 'faint' | 'good' | 'bad' | 'warn' | 'accent'
export type Paint = (style: Style, text: string) => string

const codes: Readonly<Record<Style, readonly [on: number, off: number]>> = {
  strong: [1, 22],
  faint: [2, 22],
  good: [32, 39],
  bad: [31, 39],
  warn: [33, 39],
  accent: [36, 39],
}

export const unpainted: Paint = (_, text) => text
export const painted: Paint = (style, text) => {
  const [on, off] = codes[style]
  return text === '' ? '' : `\u001B[${on}m${text}\u001B[${off}m`
}

/* eslint-disable no-control-regex -- that is what paint is made of */
const escapes = /\u001B\[\d+m/g
const pieces = /\u001B\[\d+m|[\s\S]/gu
/* eslint-enable no-control-regex */

/** How many columns a text takes. (What is shown here is one column a character.) */
export const widthOf = (text: string): number => Array.from(text.replaceAll(escapes, '')).length

/** Cuts to a width, paint aside, with an ellipsis where something was cut off. */
export function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text
  let left = Math.max(0, width - 1)
  let result = ''
  for (const [piece] of text.matchAll(pieces)) {
    if (piece.startsWith('\u001B')) result += piece
    else if (left > 0) {
      result += piece
      left--
    } else if (left === 0) {
      result += width > 0 ? '…' : ''
      left = -1
    }
  }
  return result
}

export const padEnd = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - widthOf(text)))
export const padStart = (text: string, width: number): string => ' '.repeat(Math.max(0, width - widthOf(text))) + text

/** One text at the left end of a line, the other at its right end; the left one gives way. */
export const justify = (left: string, right: string, width: number): string => {
  const room = Math.max(0, width - widthOf(right) - 1)
  return `${padEnd(cut(left, room), room)} ${right}`
}

const BARS = '▁▂▃▄▅▆▇█'

/** A curve as high as one line. */
export function sparkline(values: readonly number[], width: number): string {
  if (values.length < 2 || width < 1) return ''
  const columns = Math.min(width, values.length)
  const shown = Array.from(
    { length: columns },
    (_, column) => values[Math.round((column * (values.length - 1)) / Math.max(1, columns - 1))] ?? 0,
  )
  const low = Math.min(...shown)
  const span = Math.max(...shown) - low
  return shown.map((value) => BARS[span === 0 ? 3 : Math.round(((value - low) / span) * 7)] ?? '').join('')
}
