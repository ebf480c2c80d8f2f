import * as t from 'io-ts'
import { MarketTopic } from './data/market.js'
import { FiniteNumber, isPlainNumber } from './codec/number.js'
import { Action, OrderType } from './data/order.js'
import { quick } from './codec/quick.js'
import { Flag, isText, Text } from './codec/text.js'

/**
 * A list of items that decode to themselves. Reports only the first wrong item: io-ts reports each,
 * which took a server 50 ms for a frame of 30,000.
 */
const list = <A>(item: t.Type<A, unknown, unknown>, name: string): t.Type<A[], A[], unknown> =>
  new t.Type(
    name,
    (u): u is A[] => Array.isArray(u) && u.every(item.is),
    (u, context) => {
      if (!Array.isArray(u)) return t.failure(u, context)
      const wrong = u.findIndex((each) => !item.is(each))
      return wrong < 0
        ? t.success(u as A[])
        : (item.validate(u[wrong], t.appendContext(context, String(wrong), item, u[wrong])) as t.Validation<never>)
    },
    t.identity,
  )

const texts = list(Text, 'a list of strings')

/** `cid` ties a reply to its request; optional on the wire, always sent by our client. */
const Cid = t.partial({ cid: Text })

/** Log in to one platform. Nothing else may be done before. */
export const LoginRequest = t.intersection(
  [
    t.type({
      op: t.literal('login'),
      platform: Text,
      symbols: texts,
      access_key: Text,
      secret_key: Text,
    }),
    Cid,
    t.partial({
      /** Extension `market`. */
      market: list(MarketTopic, 'a list of market topics'),
      /**
       * The extensions that the client knows. Feature `cid` holds only for logins that name it
       * here.
       */
      features: list(Text, 'a list of strings'),
      /** Extension `resume`: the last `seq` seen. */
      resume: FiniteNumber,
      /** Extension: open orders are cancelled when the socket ends without a logout. */
      cancel_on_disconnect: Flag,
    }),
  ],
  'LoginRequest',
)
export interface LoginRequest extends t.TypeOf<typeof LoginRequest> {}

/**
 * A new order. For contracts in hedge mode the sign of `quantity` says which side is operated on:
 * BUY +q opens long, SELL -q opens short, SELL +q closes long, BUY -q closes short.
 */
export const PlaceOrderRequest = quick(
  t.intersection(
    [
      t.type({
        op: t.literal('place_order'),
        token: Text,
        symbol: Text,
        action: Action,
        /** 0 for a MARKET order. */
        price: FiniteNumber,
        /** In base currency; a spot MARKET BUY spends this much quote currency. */
        quantity: FiniteNumber,
        order_type: OrderType,
      }),
      Cid,
      t.partial({
        /** Feature `cid`: ms since 1970 after which the server must refuse the order. */
        valid_until: FiniteNumber,
      }),
    ],
    'PlaceOrderRequest',
  ),
  (u) =>
    u.op === 'place_order' &&
    isText(u.token) &&
    isText(u.symbol) &&
    Action.is(u.action) &&
    isPlainNumber(u.price) &&
    isPlainNumber(u.quantity) &&
    OrderType.is(u.order_type) &&
    (u.cid === undefined || isText(u.cid)) &&
    (u.valid_until === undefined || isPlainNumber(u.valid_until)),
)
export interface PlaceOrderRequest extends t.TypeOf<typeof PlaceOrderRequest> {}

/**
 * Feature `cid`: a `valid_until` that has passed by any clock. A place_order that carries it asks
 * what became of its cid, and can never place an order.
 */
export const PASSED_BY_ANY_CLOCK = 1

/**
 * True if an order must not be placed any more. `now` in ms since 1970; a clock that still shows
 * 1970 changes nothing.
 */
export const hasPassed = (valid_until: number | undefined, now: number): boolean =>
  // mutant: questions-place-nothing
  valid_until !== undefined && (valid_until <= PASSED_BY_ANY_CLOCK || now > valid_until)

/** Cancel orders of one symbol. An empty list cancels all of them. */
export const CancelOrderRequest = t.intersection(
  [
    t.type({
      op: t.literal('cancel_order'),
      token: Text,
      symbol: Text,
      order_nos: texts,
    }),
    Cid,
  ],
  'CancelOrderRequest',
)
export interface CancelOrderRequest extends t.TypeOf<typeof CancelOrderRequest> {}

type Fields = { readonly [field: string]: unknown }

const bySymbol = <Op extends string>(op: Op) =>
  quick(
    t.intersection([t.type({ op: t.literal(op), token: Text, symbol: Text }), Cid], op),
    (u: Fields) =>
      u['op'] === op && isText(u['token']) && isText(u['symbol']) && (u['cid'] === undefined || isText(u['cid'])),
  )
const byToken = <Op extends string>(op: Op) =>
  quick(
    t.intersection([t.type({ op: t.literal(op), token: Text }), Cid], op),
    (u: Fields) => u['op'] === op && isText(u['token']) && (u['cid'] === undefined || isText(u['cid'])),
  )

export const OpenOrdersRequest = bySymbol('open_orders')
export interface OpenOrdersRequest extends t.TypeOf<typeof OpenOrdersRequest> {}
export const AssetRequest = byToken('asset')
export interface AssetRequest extends t.TypeOf<typeof AssetRequest> {}
export const PositionRequest = bySymbol('position')
export interface PositionRequest extends t.TypeOf<typeof PositionRequest> {}
export const SymbolInfoRequest = bySymbol('symbol_info')
export interface SymbolInfoRequest extends t.TypeOf<typeof SymbolInfoRequest> {}
export const LogoutRequest = byToken('logout')
export interface LogoutRequest extends t.TypeOf<typeof LogoutRequest> {}

/** Every request that is answered by a reply with its cid. */
export type Request =
  | LoginRequest
  | PlaceOrderRequest
  | CancelOrderRequest
  | OpenOrdersRequest
  | AssetRequest
  | PositionRequest
  | SymbolInfoRequest
  | LogoutRequest

export type RequestOp = Request['op']

/** The codec of each request, by its op. */
export const requestCodecs: {
  readonly [Op in RequestOp]: t.Type<Extract<Request, { op: Op }>, unknown, unknown>
} = {
  login: LoginRequest,
  place_order: PlaceOrderRequest,
  cancel_order: CancelOrderRequest,
  open_orders: OpenOrdersRequest,
  asset: AssetRequest,
  position: PositionRequest,
  symbol_info: SymbolInfoRequest,
  logout: LogoutRequest,
}
