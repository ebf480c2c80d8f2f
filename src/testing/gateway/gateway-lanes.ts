import type { ClientFrame, Order, Request } from '../../protocol/index.js'
import type { ExpectedRecord } from '../compare/align.js'
import { like } from '../compare/difference.js'
import type { LaneEvent } from '../notation/lane.js'
import { readArguments } from '../notation/literal.js'
import { type NotationProblem, suggestion } from '../notation/problem.js'
import type { ScriptLane } from '../script.js'
import { ConnectionClosed } from '../../transport/index.js'
import { clientWords, expectFrame, isClientWord } from './client-words.js'
import { type Speaking, speak } from './server-words.js'

/** A lane of what the server does by itself; its times count from the moment the client dials. */
export interface ServerLane {
  readonly script: ScriptLane
  /**
   * The connection it is for, counted from 1; undefined for every one that has no lane of its own.
   */
  readonly connection: number | undefined
}

/** A lane of what a request is answered with; its times count from the request. */
export interface ReplyLane {
  readonly script: ScriptLane
  readonly expected: unknown
  /** `okx:place →`: of that platform only. */
  readonly platform: string | undefined
  /** `place#2 →`: the second one only. */
  readonly nth: number | undefined
}

/** A lane of what the client must send. */
export interface ClientLane {
  readonly script: ScriptLane
  readonly connection: number | undefined
  readonly expected: readonly ExpectedRecord[]
}

export interface GatewayLanes {
  readonly servers: readonly ServerLane[]
  readonly replies: readonly ReplyLane[]
  readonly clients: readonly ClientLane[]
  readonly problems: readonly NotationProblem[]
}

const sidePattern = /^(server|client)(?:#(\d+))?$/
const replyPattern = /^(?:([^:\s]+):)?([A-Za-z_]\w*)(?:\((.*)\))?(?:#(\d+))?$/

export const isGatewayLane = ({ name, isReply }: ScriptLane): boolean => isReply || sidePattern.test(name)

/** Ends of a connection, in a lane of the server. */
export const serverEnds = ['lost', 'closed', 'refused']

const tryOut = (event: LaneEvent, what: () => unknown): NotationProblem[] => {
  try {
    what()
    return []
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return [{ span: event.span, message: `${event.text}: ${message}` }]
  }
}

const anyOrder: Order = {
  ...{ symbol: 'BTC/USDT', order_no: 'o1', action: 'BUY', price: 1, quantity: 1, remain: 1 },
  ...{ status: 'SUBMITTED', order_type: 'LIMIT', ctime: 0, utime: 0 },
}
/** While the words are only tried out, every order is known. */
class EveryOrder extends Map<string, Order> {
  override get(no: string): Order {
    return super.get(no) ?? anyOrder
  }
}

const requestFor = (op: Request['op']): ClientFrame => ({
  ...{ op, cid: 'c1', token: 't', symbol: 'BTC/USDT', order_nos: [], platform: 'paper', symbols: ['BTC/USDT'] },
  ...{ action: 'BUY', price: 1, quantity: 1, order_type: 'LIMIT', access_key: '', secret_key: '' },
})

const tryServerEvent = (event: LaneEvent, op: ClientFrame['op'] | undefined): NotationProblem[] => {
  const wrong = (message: string): NotationProblem[] => [{ span: event.span, message }]
  if (event.kind === 'complete') return []
  if (event.kind === 'unsubscribe')
    return wrong('a server closes by "|" and breaks off by "#lost"; "!" is for subscriptions')
  if (event.kind === 'subscribe') {
    return op === undefined
      ? []
      : wrong('"^" is where a connection opens: it belongs into a lane of the server by time')
  }
  const name = event.name ?? ''
  if (event.kind === 'error') {
    return serverEnds.includes(name)
      ? []
      : wrong(`a connection does not end by "#${name}"${suggestion(name, serverEnds)}`)
  }
  if (event.literal !== undefined)
    return wrong(`${event.text} is no frame; write raw(${event.text}) to send it as it is`)
  if (name === 'deaf') return []
  const to: Speaking = {
    ...{ token: 't', nowMs: 0, symbol: 'BTC/USDT', nextFill: () => 1, orders: new EveryOrder() },
    request: op === undefined ? undefined : op === 'ping' ? { op: 'ping', ts: 0 } : requestFor(op),
  }
  return tryOut(event, () => speak(name, event.args ?? [], to))
}

const readClient = (script: ScriptLane, connection: number | undefined): [ClientLane, NotationProblem[]] => {
  const problems: NotationProblem[] = []
  const expected: ExpectedRecord[] = []
  for (const { atMs, kind, name = '', args, text, span, literal } of script.events) {
    let value: unknown
    if (kind === 'next' && literal === undefined) {
      try {
        value = expectFrame(name, args)
      } catch (error) {
        problems.push({ span, message: error instanceof Error ? error.message : String(error) })
      }
    } else if (kind === 'error' && name === 'abandoned') value = like(ConnectionClosed, { code: 1006 })
    else if (kind !== 'complete') {
      problems.push({
        span,
        message: `"${text}" is nothing that a client does; it sends, closes by "|" or lets go by "#abandoned"`,
      })
    }
    expected.push({ atMs, kind, value, text })
  }
  return [{ script, connection, expected }, problems]
}

const readReply = (script: ScriptLane): [ReplyLane | undefined, NotationProblem[]] => {
  const [, platform, name = script.name, args, nth] = replyPattern.exec(script.name) ?? []
  if (!isClientWord(name)) {
    return [undefined, [{ span: script.span, message: `no client says "${name}"${suggestion(name, clientWords)}` }]]
  }
  const expected = expectFrame(name, args === undefined ? [] : readArguments(args))
  const op = (expected as { readonly fields: { readonly op: ClientFrame['op'] } }).fields.op
  const problems = script.events.flatMap((event) => tryServerEvent(event, op))
  return [{ script, platform, expected, nth: nth === undefined ? undefined : Number(nth) }, problems]
}

/**
 * Reads the lanes of a scripted gateway. Every word is tried out with the real codecs, so that a
 * malformed one fails before the run.
 */
export const readGatewayLanes = (lanes: readonly ScriptLane[]): GatewayLanes => {
  const servers: ServerLane[] = []
  const replies: ReplyLane[] = []
  const clients: ClientLane[] = []
  const problems: NotationProblem[] = []
  for (const script of lanes) {
    const [, side, number] = sidePattern.exec(script.name) ?? []
    const connection = number === undefined ? undefined : Number(number)
    if (script.isReply) {
      const [reply, wrong] = readReply(script)
      if (reply !== undefined) replies.push(reply)
      problems.push(...wrong)
    } else if (side === 'server') {
      servers.push({ script, connection })
      problems.push(...script.events.flatMap((event) => tryServerEvent(event, undefined)))
    } else {
      const [client, wrong] = readClient(script, connection)
      clients.push(client)
      problems.push(...wrong)
    }
  }
  return { servers, replies, clients, problems }
}
