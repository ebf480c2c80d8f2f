import * as t from 'io-ts'
import { Assets } from './data/asset.js'
import { FiniteNumber } from './codec/number.js'
import { OpenOrder } from './data/order.js'
import { PositionData } from './data/position.js'
import type { RequestOp } from './request.js'
import { SymbolInfo } from './data/symbol-info.js'
import { quick } from './codec/quick.js'
import { Flag, isText, Text, open } from './codec/text.js'

/** Deployed servers echo an absent cid as `""`; some leave it out. */
const Cid = t.partial({ cid: Text })

const ok = <Op extends RequestOp, Fields extends t.Props>(op: Op, fields: Fields) => {
  const codecs = Object.entries(fields)
  return quick(
    t.intersection(
      [
        t.type({
          op: t.literal(op),
          result: t.literal(true),
          error_message: Text,
          ...fields,
        }),
        Cid,
      ],
      `${op} reply`,
    ),
    (u: { readonly [field: string]: unknown }) =>
      u['op'] === op &&
      u['result'] === true &&
      isText(u['error_message']) &&
      (u['cid'] === undefined || isText(u['cid'])) &&
      codecs.every(([field, codec]) => codec.is(u[field])),
  )
}

/** An extension that a server may have; see the protocol document. */
export type Feature = 'market' | 'cid' | 'resume' | 'cancel_on_disconnect' | 'offset'

/** `result: true` means that the wish to log in was taken; READY means that it succeeded. */
export const LoginReply = t.intersection(
  [
    ok('login', { token: Text }),
    t.partial({
      features: t.array(open<Feature>(), 'a list of strings'),
      /** Changes when the server has lost its memory. */
      epoch: Text,
      /** Feature `resume`: the account's present sequence number. */
      seq: FiniteNumber,
      /** Feature `resume`: whether every notice since the asked one will follow. */
      resume: open<'complete' | 'lost'>(),
    }),
  ],
  'login reply',
)
export interface LoginReply extends t.TypeOf<typeof LoginReply> {}

export const PlaceOrderReply = ok('place_order', { order_no: Text })
export interface PlaceOrderReply extends t.TypeOf<typeof PlaceOrderReply> {}

/** Result of one order_no of a cancel_order. */
export const CancelResult = t.type({ order_no: Text, result: Flag, error_message: Text }, 'CancelResult')
export interface CancelResult extends t.TypeOf<typeof CancelResult> {}

export const CancelOrderReply = ok('cancel_order', {
  data: t.array(CancelResult, 'a list of results'),
})
export interface CancelOrderReply extends t.TypeOf<typeof CancelOrderReply> {}

export const OpenOrdersReply = ok('open_orders', {
  data: t.array(OpenOrder, 'a list of orders'),
})
export interface OpenOrdersReply extends t.TypeOf<typeof OpenOrdersReply> {}

export const AssetReply = ok('asset', { data: Assets })
export interface AssetReply extends t.TypeOf<typeof AssetReply> {}

export const PositionReply = ok('position', { data: PositionData })
export interface PositionReply extends t.TypeOf<typeof PositionReply> {}

export const SymbolInfoReply = ok('symbol_info', { data: SymbolInfo })
export interface SymbolInfoReply extends t.TypeOf<typeof SymbolInfoReply> {}

export const LogoutReply = ok('logout', {})
export interface LogoutReply extends t.TypeOf<typeof LogoutReply> {}

/** `result: false`. Deployed servers leave the other fields out; a failed login has `token: ""`. */
export const FailureReply = t.intersection(
  [
    t.type({ op: Text, result: t.literal(false), error_message: Text }),
    Cid,
    t.partial({
      /** Feature `cid`: the server itself does not know what became of the order. */
      unknown: Flag,
    }),
  ],
  'failed reply',
)
export interface FailureReply extends t.TypeOf<typeof FailureReply> {
  readonly op: RequestOp
}

export type SuccessReply =
  | LoginReply
  | PlaceOrderReply
  | CancelOrderReply
  | OpenOrdersReply
  | AssetReply
  | PositionReply
  | SymbolInfoReply
  | LogoutReply

export type Reply = SuccessReply | FailureReply

/** The codec of each successful reply, by its op. */
export const replyCodecs: {
  readonly [Op in RequestOp]: t.Type<Extract<SuccessReply, { op: Op }>, unknown, unknown>
} = {
  login: LoginReply,
  place_order: PlaceOrderReply,
  cancel_order: CancelOrderReply,
  open_orders: OpenOrdersReply,
  asset: AssetReply,
  position: PositionReply,
  symbol_info: SymbolInfoReply,
  logout: LogoutReply,
}
