import { map, type Observable } from 'rxjs'
import { orderFault } from '../../orders/index.js'
import { type OpenOrder, type Request, type SuccessReply } from '../../protocol/index.js'
import { hasPassed } from '../../protocol/internal.js'
import { type AdapterSession, AdapterRefused } from '../adapter/exchange-adapter.js'

/** The requests that go to the exchange. */
export type CommandRequest = Exclude<Request, { op: 'login' | 'logout' }>

/** Fields of a successful reply beside `result`. */
export type Answer<Op extends CommandRequest['op'] = CommandRequest['op']> = Op extends unknown
  ? Omit<Extract<SuccessReply, { op: Op }>, 'op' | 'cid' | 'result' | 'error_message'>
  : never

type Command<Op extends CommandRequest['op']> = (
  request: Extract<CommandRequest, { op: Op }>,
  session: AdapterSession,
  now: number,
) => Observable<Answer<Op>>

const inData = map(<A>(data: A) => ({ data }))

const placeOrder: Command<'place_order'> = (request, session, now) => {
  const { symbol, action, price, quantity, order_type, cid = '', valid_until } = request
  if (hasPassed(valid_until, now)) throw new AdapterRefused('valid_until has passed')
  const fault = orderFault({ price, quantity, order_type })
  if (fault !== undefined) throw new AdapterRefused(fault)
  return session
    .placeOrder({
      ...{ symbol, action, price, quantity, order_type, cid },
      ...(valid_until === undefined ? {} : { valid_until }),
    })
    .pipe(map(({ order_no }) => ({ order_no })))
}

const commands: { readonly [Op in CommandRequest['op']]: Command<Op> } = {
  place_order: placeOrder,
  cancel_order: ({ symbol, order_nos }, session) =>
    session.cancelOrder({ symbol, order_nos }).pipe(map((data) => ({ data: [...data] }))),
  // The list itself, not a copy: where it is frozen it is encoded once.
  open_orders: ({ symbol }, session) => session.openOrders(symbol).pipe(map((data) => ({ data: data as OpenOrder[] }))),
  asset: (_, session) => session.asset().pipe(inData),
  position: ({ symbol }, session) => session.position(symbol).pipe(inData),
  symbol_info: ({ symbol }, session) => session.symbolInfo(symbol).pipe(inData),
}

/**
 * A Map, not the object: an op is a client's word, and `constructor` would be found in an object.
 */
const byOp: ReadonlyMap<string, Command<never>> = new Map(
  Object.entries(commands) as unknown as [string, Command<never>][],
)

/**
 * Puts a request to the exchange; `now` is in ms since 1970. Throws AdapterRefused for what no
 * exchange need be asked.
 */
export const command = (request: CommandRequest, session: AdapterSession, now: number): Observable<Answer> => {
  const run = byOp.get(request.op)
  if (run === undefined) throw new AdapterRefused(`${request.op} is not offered`)
  return run(request as never, session, now)
}
