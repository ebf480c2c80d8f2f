import type * as t from 'io-ts'
import { jsonLine } from './json-line.js'
import { ChaosOptions } from './settings.js'

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
