/** Meaning of a piece of text: a colour on a terminal, nothing in a file. */
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

/* eslint-disable no-control-regex -- that is what paint is made of, and what strangers may not send */
const escapes = /\u001B\[\d+m/g
const pieces = /\u001B\[\d+m|[\s\S]/gu
const controls = /[\u0000-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]+/g
/* eslint-enable no-control-regex */
/** Matches characters of two columns: Chinese, Japanese, Korean and pictographs. */
const wide =
  /[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6\u{1F300}-\u{1FAFF}]/u

/** Replaces control characters: text of a server must not move the cursor or clear the screen. */
export const harmless = (text: string): string => text.replaceAll(controls, ' ')

const columnsOf = (character: string): number => (wide.test(character) ? 2 : 1)

/** Number of columns of a text without escape codes. */
export const widthOf = (text: string): number =>
  Array.from(text.replaceAll(escapes, '')).reduce((sum, character) => sum + columnsOf(character), 0)

/** Cuts to a width, escape codes aside, with an ellipsis at the cut. */
export function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text
  let room = width - 1
  let full = false
  let result = ''
  for (const [piece] of text.matchAll(pieces)) {
    // Escape codes after the cut still have to reset the colour.
    if (piece.startsWith('\u001B')) result += piece
    else if (!full && columnsOf(piece) <= room) {
      room -= columnsOf(piece)
      result += piece
    } else if (!full) {
      full = true
      result += width > 0 ? '…' : ''
    }
  }
  return result
}

/** Breaks a text without escape codes into lines of a width, between words where possible. */
export function wrap(text: string, width: number): string[] {
  if (widthOf(text) <= width || width < 1) return [text]
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && widthOf(line) + 1 + widthOf(word) > width) {
      lines.push(line)
      line = ''
    }
    line = line === '' ? word : `${line} ${word}`
    while (widthOf(line) > width) {
      const head = cut(line, width + 1).replace(/.$/su, '')
      if (head === '') break
      lines.push(head)
      line = line.slice(head.length)
    }
  }
  return line === '' ? lines : [...lines, line]
}

export const padEnd = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - widthOf(text)))
export const padStart = (text: string, width: number): string => ' '.repeat(Math.max(0, width - widthOf(text))) + text

/** Aligns one text left and the other right; cuts the left one if needed. */
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

/**
 * Hides secrets of an address: user name, password, query and fragment may be keys and become
 * `***`, as does an address that cannot be parsed.
 */
export const shownUrl = (url: string): string => {
  if (url === '' || !URL.canParse(url)) return url === '' ? '' : '***'
  const { protocol, host, pathname, username, password, search, hash } = new URL(url)
  const user = username === '' && password === '' ? '' : '***@'
  return `${protocol}//${user}${host}${pathname}${search === '' ? '' : '?***'}${hash === '' ? '' : '#***'}`
}
