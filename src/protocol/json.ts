import { DecodeFailure } from './failure.js'

/** No message of the protocol nests deeper than 5; what does is an attack or a mistake. */
const maxDepth = 32

const quoteMark = 0x22
const backslash = 0x5c

/** How deep the text nests, without parsing it: a recursive reader further on must never meet 10,000 levels. */
const tooDeep = (text: string): boolean => {
  // A level costs two characters, so most frames need no look at all.
  if (text.length <= 2 * maxDepth) return false
  let depth = 0
  let inString = false
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (inString) {
      if (c === backslash) i++
      else if (c === quoteMark) inString = false
    } else if (c === quoteMark) inString = true
    else if (c === 0x7b || c === 0x5b) {
      if (++depth > maxDepth) return true
    } else if (c === 0x7d || c === 0x5d) depth--
  }
  return false
}

/** Parses one text frame into an object, or says what is wrong with it without repeating any of it. */
export const parseFrame = (data: unknown): Record<string, unknown> | DecodeFailure => {
  if (typeof data !== 'string')
    return new DecodeFailure('binary', 'a binary frame arrived; the protocol has text frames only')
  if (tooDeep(data)) return new DecodeFailure('depth', `a frame nests deeper than ${maxDepth} levels`)
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
  return value as Record<string, unknown>
}
