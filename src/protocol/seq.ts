/**
 * Numbers beyond 2^53 as the frame spelled them: `JSON.parse` rounds them, and 99 different ones
 * become one.
 */
const digits = new WeakMap<object, bigint>()

/** No string of a JSON text can hold this: its quotes would be escaped. So each match is a key. */
const seqKeys = /"seq"\s*:\s*(?:(-?\d+)(?![\d.eE]))?/g

interface Numbered {
  readonly seq?: number | undefined
}

/**
 * Keeps the digits of the `seq` of `holder`, an object of the frame `text`, where a double cannot
 * hold it.
 */
export const keepSeqDigits = (holder: unknown, text: string): void => {
  if (typeof holder !== 'object' || holder === null) return
  const { seq } = holder as Numbered
  if (typeof seq !== 'number' || Number.isSafeInteger(seq)) return
  const found = [...text.matchAll(seqKeys)]
  const [only] = found
  if (found.length === 1 && only?.[1] !== undefined) digits.set(holder, BigInt(only[1]))
}

/**
 * The sequence number of a decoded notice or login reply, exact at any size; undefined where it has
 * none. NaN stands for one that cannot be counted with: it is no integer, or it is beyond 2^53 and
 * its digits could not be read.
 */
export const seqOf = (holder: Numbered): number | bigint | undefined => {
  const { seq } = holder
  if (seq === undefined || Number.isSafeInteger(seq)) return seq
  return digits.get(holder) ?? Number.NaN
}
