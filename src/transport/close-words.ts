/** The code of an end without a closing handshake. */
export const ABNORMAL = 1006

/** True if RFC 6455 lets an endpoint send this code. */
const mayBeSent = (code: number): boolean =>
  Number.isInteger(code) &&
  ((code >= 1000 && code <= 1014 && code !== 1004 && code !== 1005 && code !== 1006) || (code >= 3000 && code <= 4999))

/**
 * A code that may be sent: ws throws at others, and a connection that fails to close would stay
 * open.
 */
export const sendableCode = (code: number): number => (mayBeSent(code) ? code : 1000)

const maxReasonBytes = 123

/** A reason that fits into a close frame, cut at a character. */
export const sendableReason = (reason: string): string => {
  let bytes = 0
  let end = 0
  for (const character of reason) {
    const point = character.codePointAt(0) ?? 0
    bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4
    if (bytes > maxReasonBytes) return reason.slice(0, end)
    end += character.length
  }
  return reason
}
