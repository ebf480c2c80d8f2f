export type {
  Cancel,
  Command,
  Deposit,
  OpenAccount,
  Place,
  Quote,
  RecordTrade,
  SetBack,
  ShowLevels,
  Take,
} from './command.js'
export type {
  Accepted,
  AssetsEvent,
  BookEvent,
  CancelResults,
  DeleveragingEvent,
  ExchangeEvent,
  FillEvent,
  FundingEvent,
  LiquidationEvent,
  OrderEvent,
  PositionEvent,
  Refused,
  TickerEvent,
  TradeEvent,
} from './event.js'
export type { ExchangeState } from './export.js'
export { createExchange, type ExactBalance, type Exchange, type ExchangeOptions } from './exchange.js'
export { type ContractSpec, PLATFORMS, type SpotSpec, type SymbolSpec } from './symbols.js'
export { liquidationPrice, type LiquidationTerms } from './liquidation-price.js'
export { type SelfTrade, selfTradeOf } from './self-trade.js'
