export { Assets, Balance } from './data/asset.js'
export { type ClientFrame, decodeClientFrame, encodeClientFrame } from './client-frame.js'
export { type Decoded } from './codec/decode.js'
export { ErrorNotice } from './server-frame.js'
export { DecodeFailure, type DecodeReason, type LegibleFields } from './codec/failure.js'
export { Fill, type Liquidity } from './data/fill.js'
export { Ping, Pong } from './heartbeat.js'
export {
  Kline,
  Level,
  MarketTopic,
  OrderBook,
  Ticker,
  Trade,
} from './data/market.js'
export { type AccountNotice, type AccountTopic, type Notice, type OtherNotice } from './notice.js'
export {
  Action,
  type Offset,
  OpenOrder,
  Order,
  type OrderStatus,
  OrderType,
} from './data/order.js'
export { type MarginMode, Position, PositionData } from './data/position.js'
export {
  AssetReply,
  CancelOrderReply,
  CancelResult,
  FailureReply,
  type Feature,
  LoginReply,
  LogoutReply,
  OpenOrdersReply,
  PlaceOrderReply,
  PositionReply,
  type Reply,
  type SuccessReply,
  SymbolInfoReply,
} from './reply.js'
export {
  AssetRequest,
  CancelOrderRequest,
  LoginRequest,
  LogoutRequest,
  OpenOrdersRequest,
  PlaceOrderRequest,
  PositionRequest,
  type Request,
  type RequestOp,
  SymbolInfoRequest,
} from './request.js'
export { decodeFrame, encodeFrame, type ServerFrame } from './server-frame.js'
export { StateCode, StateNotice } from './state.js'
export { SymbolInfo } from './data/symbol-info.js'
export type { OpenEnum } from './codec/text.js'
