export { Assets, Balance } from './data/asset.js'
export {
  checkClientFrame,
  type ClientFrame,
  decodeClientFrame,
  encodeClientFrame,
} from './client-frame.js'
export { type Decoded, decodeWith } from './codec/decode.js'
export { ErrorNotice } from './error-notice.js'
export {
  DecodeFailure,
  type DecodeReason,
  isReplyFailure,
  type Legible,
  legible,
  mayHoldNotice,
  tokenOf,
} from './codec/failure.js'
export { Fill, type Liquidity } from './data/fill.js'
export { keepsDigits, Ping, Pong } from './heartbeat.js'
export {
  Kline,
  Level,
  MarketTopic,
  OrderBook,
  Ticker,
  Trade,
} from './data/market.js'
export {
  type AccountNotice,
  type AccountTopic,
  isAccountNotice,
  isAccountTopic,
  type Notice,
  type OtherNotice,
} from './notice.js'
export { parseFrame } from './codec/json.js'
export { FiniteNumber, NullableNumber } from './codec/number.js'
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
  hasPassed,
  LoginRequest,
  LogoutRequest,
  OpenOrdersRequest,
  PASSED_BY_ANY_CLOCK,
  PlaceOrderRequest,
  PositionRequest,
  type Request,
  type RequestOp,
  SymbolInfoRequest,
} from './request.js'
export { decodeFrame, encodeFrame, type ServerFrame } from './server-frame.js'
export { seqOf } from './seq.js'
export { readyAfter, StateCode, StateNotice, stateName } from './state.js'
export { SymbolInfo } from './data/symbol-info.js'
export { type Open, Text } from './codec/text.js'
