import { DecodeFailure, legible } from './failure.js'

/** No message of the protocol nests deeper than 5; what does is an attack or a mistake. */
const maxDepth = 32

/**
 * Shorter texts cannot nest deep enough to hurt: a level costs two characters, and 256 levels are
 * nothing to any reader.
 */
const harmlessLength = 512

/**
 * True if too few brackets open for the text to be deep. By `indexOf`, which the engine does far
 * faster than a loop.
 */
const opensFew = (text: string): boolean => {
  let openings = 0
  for (const bracket of ['{', '[']) {
    for (let at = text.indexOf(bracket); at !== -1; at = text.indexOf(bracket, at + 1)) {
      if (++openings > maxDepth) return false
    }
  }
  return true
}

/**
 * True if the value nests too deep. Goes level by level, because 10,000 levels would overflow the
 * stack of a recursive reader.
 */
const tooDeep = (value: object): boolean => {
  let level: object[] = [value]
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > maxDepth) return true
    const next: object[] = []
    for (const each of level) {
      for (const inner of (Array.isArray(each) ? each : Object.values(each)) as unknown[]) {
        if (typeof inner === 'object' && inner !== null) next.push(inner)
      }
    }
    level = next
  }
  return false
}

/**
 * Parses one text frame into an object, or says what is wrong with it without repeating any of it.
 */
export const parseFrame = (data: unknown): Record<string, unknown> | DecodeFailure => {
  if (typeof data !== 'string')
    return new DecodeFailure('binary', 'a binary frame arrived; the protocol has text frames only')
  let value: unknown
  try {
    value = JSON.parse(data)
  } catch {
    // The parser's own message quotes the text, which may hold a key.
    return new DecodeFailure('json', `a frame of ${data.length} characters is not JSON`)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return new DecodeFailure('shape', 'a frame is not a JSON object')
  }
  // After parsing: the parser itself does not recurse, or throws.
  if (data.length > harmlessLength && !opensFew(data) && tooDeep(value)) {
    return new DecodeFailure('depth', `a frame nests deeper than ${maxDepth} levels`, legible(value))
  }
  return value as Record<string, unknown>
}
