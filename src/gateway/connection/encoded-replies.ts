import { encodeFrame, type ServerFrame } from '../../protocol/index.js'

/** The text of a reply from behind its cid on, by the data that it holds. */
const tails = new WeakMap<object, { readonly op: string; readonly tail: string }>()

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

/** True where the value is frozen at every level. Looks at plain data only, as replies hold it. */
const isFrozen = (value: unknown): boolean =>
  !isObject(value) || (Object.isFrozen(value) && Object.values(value).every(isFrozen))

/**
 * Encodes a frame as `encodeFrame` does, and the frozen data of a reply once only: an answer of a
 * thousand orders takes milliseconds to check and to encode, and while nothing changes an exchange
 * may answer with the same list again and again. Data that is not frozen, all through, is encoded
 * each time: an adapter may have changed it.
 *
 * @throws DecodeFailure when the frame is not of the protocol
 */
export const encodeOnce = (frame: ServerFrame): string => {
  if (!('data' in frame && 'cid' in frame && isObject(frame.data))) return encodeFrame(frame)
  const { op, cid, data } = frame
  const head = `{"op":${JSON.stringify(op)},"cid":${JSON.stringify(cid)}`
  const known = tails.get(data)
  if (known?.op === op) return head + known.tail
  const text = encodeFrame(frame)
  if (text.startsWith(head) && isFrozen(data)) tails.set(data, { op, tail: text.slice(head.length) })
  return text
}
