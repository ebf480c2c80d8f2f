/**
 * An argument between the parentheses of a word: numbers, true, false, null, 'text', {objects},
 * [lists]; any other text is itself.
 */
export type NotationArgument =
  | string
  | number
  | boolean
  | null
  | undefined
  | readonly NotationArgument[]
  | { readonly [key: string]: NotationArgument }

export const numberPattern = /-?\d+(?:\.\d+)?(?:e[+-]?\d+)?(?![\w$.])/y

const quotes = new Set(["'", '"'])
const closing: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' }

const quoteEnd = (text: string, start: number): number | undefined => {
  const quote = text.charAt(start)
  for (let i = start + 1; i < text.length; i++) {
    if (text.charAt(i) === '\\') i++
    else if (text.charAt(i) === quote) return i
  }
  return undefined
}

/** Finds the end of the bracket or quote that opens at `start`; undefined if it is not closed. */
export const closes = (text: string, start: number): number | undefined => {
  const open: string[] = []
  for (let i = start; i < text.length; i++) {
    const c = text.charAt(i)
    if (quotes.has(c)) {
      const end = quoteEnd(text, i)
      if (end === undefined) return undefined
      i = end
    } else if (closing[c] !== undefined) open.push(closing[c])
    else if (c === ')' || c === ']' || c === '}') {
      if (open.pop() !== c) return undefined
    }
    if (open.length === 0) return i
  }
  return undefined
}

/** The parts of a text between its commas, brackets and quotes respected. */
const parts = (text: string, separator: string): string[] => {
  const found: string[] = []
  let from = 0
  for (let i = 0; i < text.length; i++) {
    const c = text.charAt(i)
    if (quotes.has(c) || closing[c] !== undefined) i = closes(text, i) ?? i
    else if (c === separator) {
      found.push(text.slice(from, i))
      from = i + 1
    }
  }
  found.push(text.slice(from))
  return found
}

const whole = (pattern: RegExp, text: string): boolean => {
  pattern.lastIndex = 0
  return pattern.exec(text)?.[0] === text
}

const words = new Map<string, NotationArgument>([
  ['true', true],
  ['false', false],
  ['null', null],
  ['undefined', undefined],
])

/** Reads one argument. Free text, such as `BUY 2 @ 101.5`, is itself. */
export const literal = (text: string): NotationArgument => {
  const it = text.trim()
  if (words.has(it)) return words.get(it)
  if (whole(numberPattern, it)) return Number(it)
  const first = it.charAt(0)
  if (first === '{' || first === '[' || first === '"') {
    try {
      return JSON.parse(it) as NotationArgument
    } catch {
      // Not JSON: keys without quotes, then, or free text.
    }
  }
  if (quotes.has(first) && it.length > 1 && closes(it, 0) === it.length - 1) return it.slice(1, -1)
  if (first === '[' && closes(it, 0) === it.length - 1)
    return it === '[]' ? [] : parts(it.slice(1, -1), ',').map(literal)
  if (first === '{' && closes(it, 0) === it.length - 1) {
    const inner = it.slice(1, -1).trim()
    if (inner === '') return {}
    // Object.fromEntries defines; an assignment would let `__proto__` set a prototype.
    return Object.fromEntries(
      parts(inner, ',').map((part) => {
        const [key = '', ...rest] = parts(part, ':')
        const name = literal(key)
        return [typeof name === 'string' ? name : key.trim(), literal(rest.join(':'))] as const
      }),
    )
  }
  return it
}

/** The arguments between the parentheses of a word. */
export const readArguments = (text: string): NotationArgument[] =>
  text.trim() === '' ? [] : parts(text, ',').map(literal)
