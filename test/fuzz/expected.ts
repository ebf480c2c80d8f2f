import { decodeFrame, type ServerFrame } from '../../src/protocol/index.js'

const requestOps: ReadonlySet<unknown> = new Set([
  'login',
  'place_order',
  'cancel_order',
  'open_orders',
  'asset',
  'position',
  'symbol_info',
  'logout',
])

/** What the one answer to a frame must be, told from the frame alone. */
interface Expected {
  readonly op: string
  readonly cid?: string
  readonly ts?: number
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

const depthOf = (value: object): number => {
  let depth = 0
  for (let level = [value]; level.length > 0; depth++)
    level = level.flatMap((each) => (Object.values(each) as unknown[]).filter(isObject))
  return depth
}

const expected = (frame: string | Uint8Array): Expected => {
  const error = { op: 'error' }
  if (typeof frame !== 'string') return error
  let value: unknown
  try {
    value = JSON.parse(frame)
  } catch {
    return error
  }
  if (!isObject(value) || Array.isArray(value)) return error
  const own = new Map<string, unknown>(Object.entries(value))
  const [op, cid, ts] = [own.get('op'), own.get('cid'), own.get('ts')]
  if (frame.length > 512 && depthOf(value) > 32) return error
  if (op === 'ping') return typeof ts === 'number' && Number.isFinite(ts) ? { op: 'pong', ts: ts + 0 } : error
  return requestOps.has(op) ? { op: String(op), cid: typeof cid === 'string' ? cid : '' } : error
}

/** What is wrong with the answers to a frame, in words; undefined if nothing is. Notices and states may come as they like. */
export const complaint = (frame: string | Uint8Array, answers: readonly string[]): string | undefined => {
  const decoded: ServerFrame[] = []
  for (const text of answers) {
    const result = decodeFrame(text)
    if (result._tag === 'Left') return `sent what is no frame of the protocol: ${result.left.message}`
    if (JSON.stringify(result.right) !== text) return 'sent what does not come out as it went in'
    decoded.push(result.right)
  }
  const replies = decoded.filter(({ op }) => op !== 'notify' && op !== 'state')
  const [reply] = replies
  if (reply === undefined || replies.length > 1) return `gave ${replies.length} answers instead of one`
  const { op, cid, ts } = expected(frame)
  // A `ts` whose digits would come back otherwise is answered by an error.
  const isCanonical = new RegExp(`"ts"\\s*:\\s*${String(ts)}\\s*[,}]`).test(frame.toString())
  if (op === 'pong' && reply.op === 'error' && !(Number.isSafeInteger(ts) && isCanonical)) return undefined
  if (reply.op !== op) return `answered by ${reply.op} instead of ${op}`
  if (cid !== undefined && (reply as { readonly cid?: string }).cid !== cid) return 'answered with another cid'
  if (ts !== undefined && (reply as { readonly ts?: number }).ts !== ts) return 'answered with another ts'
  return undefined
}
