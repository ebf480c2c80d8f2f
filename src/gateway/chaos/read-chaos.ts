import type * as t from 'io-ts'
import { ChaosOptions } from './settings.js'

/** A string, a mark, or anything else that is one word. */
const token = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g

/**
 * The line, counted from 1, on which what stands at a path of a JSON text begins; of a path that is
 * not there, that of the longest part of it which is. For errors: JSON.parse forgets where things
 * stood.
 */
export const jsonLine = (text: string, path: readonly string[]): number => {
  const wanted = path.map(String)
  // One for each object and list that is open: the key or index at which it is.
  const stack: { readonly isList: boolean; key: string }[] = []
  let found = { depth: 0, at: 0 }
  let last: { text: string; at: number } | undefined

  const look = (at: number): void => {
    if (stack.length <= found.depth || stack.length > wanted.length) return
    if (stack.every(({ key }, depth) => key === wanted[depth])) found = { depth: stack.length, at }
  }
  for (const { 0: word, index } of text.matchAll(token)) {
    const open = stack.at(-1)
    if (word === ':' && open !== undefined && last !== undefined) {
      open.key = JSON.parse(last.text) as string
      look(last.at)
    } else if (word === ',' && open?.isList === true) {
      open.key = String(Number(open.key) + 1)
    } else if (word === ']' || word === '}') {
      stack.pop()
    } else if (word !== ',' && word !== ':') {
      if (open?.isList === true) look(index)
      if (word === '[' || word === '{') stack.push({ isList: word === '[', key: word === '[' ? '0' : '' })
    }
    last = { text: word, at: index }
  }
  return text.slice(0, found.at).split('\n').length
}

/** Settings of chaos that cannot be used, in words: where, what is wrong there, and what may be. */
export class ChaosInvalid extends Error {
  readonly _tag = 'ChaosInvalid'
  override readonly name = 'ChaosInvalid'
}

const most = 5

const keysOf = ({ context }: t.ValidationError): string[] => context.slice(1).map(({ key }) => key)

const shown = (value: unknown): string => {
  const text = typeof value === 'function' ? 'a function' : JSON.stringify(value)
  return text.length > 40 ? `${text.slice(0, 40)}…` : text
}

const complaint = (error: t.ValidationError, place: (keys: readonly string[]) => string): string => {
  const keys = keysOf(error)
  const path = keys.reduce(
    (before, key) => (/^\d+$/.test(key) ? `${before}[${key}]` : before === '' ? key : `${before}.${key}`),
    '',
  )
  const expected = error.context.at(-1)?.type.name ?? 'something else'
  const what =
    error.message ??
    `should be ${expected}, but ${error.value === undefined ? 'is missing' : `is ${shown(error.value)}`}`
  return `${place(keys)}${path === '' ? 'it' : path} ${what}`
}

const checked = (value: unknown, place: (keys: readonly string[]) => string): ChaosOptions => {
  const result = ChaosOptions.decode(value)
  if (result._tag === 'Right') return result.right
  const complaints = [...new Set(result.left.map((error) => complaint(error, place)))]
  const more = complaints.length - most
  throw new ChaosInvalid([...complaints.slice(0, most), ...(more > 0 ? [`and ${more} more`] : [])].join('\n'))
}

/** Settings that a program has made. @throws ChaosInvalid, with the path of each fault */
export const checkChaos = (options: unknown): ChaosOptions => checked(options, () => 'chaos: ')

/**
 * Returns the position at which the JSON parser stopped, if its message gives it: for an unexpected
 * character the message quotes the surrounding text instead.
 */
const lineIn = (text: string, message: string): string => {
  const position = message.includes('end of JSON') ? text.length : /position (\d+)/.exec(message)?.[1]
  return position === undefined ? '' : `, line ${text.slice(0, Number(position)).split('\n').length}`
}

/**
 * Settings out of a JSON file.
 *
 * @param name - of the file, for errors
 * @throws ChaosInvalid, with the line and the path of each fault
 */
export const readChaos = (text: string, name: string): ChaosOptions => {
  let value: unknown
  try {
    // What some editors put before the first character of a file.
    value = JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    throw new ChaosInvalid(`${name}${lineIn(text, message)}: this is no JSON: ${message.replaceAll('\n', ' ')}`)
  }
  return checked(value, (keys) => `${name}, line ${jsonLine(text, keys)}: `)
}
