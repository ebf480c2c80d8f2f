import { fileURLToPath } from 'node:url'
import { isCommandError } from '../../client/index.js'
import type { FailureSource, RunEvent } from './run-event.js'
import { harmless } from '../format/text.js'

/** This package as it runs: `dist/`, or `src/` in its own tests. */
const ours = fileURLToPath(new URL('../..', import.meta.url))
/** Frames of a stack that are shown where none of them is the user's. */
const FRAMES = 10

const framePattern = /(?:\(|at )(?:async )?((?:file:\/\/)?[^\s()]+:\d+):\d+\)?$/

const isFrame = (line: string): boolean => /^\s+at /.test(line)

/** `file:line` of a frame in the user's own code; undefined for packages, Node and this package. */
const usersPlace = (frame: string): string | undefined => {
  const place = framePattern.exec(frame.trimEnd())?.[1]?.replace(/^file:\/\//, '')
  if (place === undefined || !isFrame(frame)) return undefined
  const isTheirs = place.includes('/node_modules/') || place.startsWith('node:') || place.startsWith(ours)
  return isTheirs ? undefined : place
}

/**
 * Splits a stack into head and frames. Lines of a message that look like frames belong to the head.
 */
const partsOfStack = ({ message, stack }: Error): { readonly head: string; readonly frames: readonly string[] } => {
  const text = typeof stack === 'string' ? stack : ''
  const at = text.includes(message) ? text.indexOf(message) + message.length : 0
  const lines = text.slice(at).split('\n')
  const first = lines.findIndex(isFrame)
  const head = first < 0 ? lines : lines.slice(0, first)
  return { head: text.slice(0, at) + head.join('\n'), frames: first < 0 ? [] : lines.slice(first).filter(isFrame) }
}

/** An import that fails begins its stack with the place. */
const headPlacePattern = /^(?:file:\/\/)?(\/\S+:\d+)$/

/** `file:line` of the innermost frame in the user's code; undefined if none is on the stack. */
export const placeOf = (error: unknown): string | undefined => {
  if (!(error instanceof Error)) return undefined
  const { head, frames } = partsOfStack(error)
  const first = headPlacePattern.exec(head.split('\n', 1)[0] ?? '')?.[1]
  if (first !== undefined) return first
  for (const frame of frames) {
    const place = usersPlace(frame)
    if (place !== undefined) return place
  }
  return undefined
}

const thrownInWords = (thrown: unknown): string => {
  if (typeof thrown !== 'object' || thrown === null) return String(thrown)
  try {
    return JSON.stringify(thrown)
  } catch {
    return Object.prototype.toString.call(thrown)
  }
}

/**
 * Name and message of an error; of any other thrown value, its text and a note on the missing
 * stack.
 */
const nameAndMessage = (failure: unknown): string =>
  failure instanceof Error
    ? `${failure.name}: ${failure.message}`
    : `${thrownInWords(failure)} was thrown, which is no Error and has no stack`

/**
 * Frames of the user's code and the innermost frame, with a count in place of the others. `isEnd`:
 * the error ends an order and has a complete message; it gets no frames unless one is the user's.
 */
const framesInWords = (frames: readonly string[], isEnd: boolean): readonly string[] => {
  if (!frames.some((frame) => usersPlace(frame) !== undefined)) return isEnd ? [] : frames.slice(0, FRAMES)
  const words: string[] = []
  let left = 0
  for (const [index, frame] of frames.entries()) {
    if (index > 0 && usersPlace(frame) === undefined) {
      left += 1
      continue
    }
    if (left > 0) words.push(`    … ${left} of packages`)
    left = 0
    words.push(frame)
  }
  return words
}

const MOST_CAUSES = 5

const partsOf = (error: Error): readonly (readonly [label: string, part: unknown])[] => [
  ...(error.cause === undefined ? [] : [['caused by ', error.cause] as const]),
  ...('errors' in error && Array.isArray(error.errors)
    ? error.errors.map((part: unknown) => ['one of them: ', part] as const)
    : []),
]

/** A failure with its stack (file and line), and those of its causes. */
export function stackInWords(failure: unknown, depth = 0): string {
  if (!(failure instanceof Error)) return harmless(nameAndMessage(failure))
  const { head, frames } = partsOfStack(failure)
  // V8 writes the head when the error is made; the message may have been changed since.
  const words = head.includes(failure.message) && head !== '' ? head : nameAndMessage(failure)
  const parts = depth >= MOST_CAUSES ? [] : partsOf(failure)
  return [
    ...words.split('\n').map(harmless),
    ...framesInWords(frames, isCommandError(failure)).map(harmless),
    ...parts.map(([label, part]) => `${label}${stackInWords(part, depth + 1)}`),
  ].join('\n')
}

/** The event of a run that fails. */
export const failed = (source: FailureSource, failure: unknown): RunEvent => {
  const place = placeOf(failure)
  return {
    type: 'error',
    source,
    message: harmless(source === 'login' && failure instanceof Error ? failure.message : nameAndMessage(failure)),
    ...(place === undefined ? {} : { place }),
    stack: stackInWords(failure),
  }
}

/** Message of a failure that ends the process, with the stack if the user's code is on it. */
export const failureInWords = (failure: unknown): string =>
  placeOf(failure) !== undefined ? stackInWords(failure) : failure instanceof Error ? failure.message : String(failure)
