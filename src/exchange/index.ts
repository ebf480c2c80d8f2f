export type {
  CancelCommand,
  ExchangeCommand,
  DepositCommand,
  OpenAccountCommand,
  PlaceCommand,
  QuoteCommand,
  TradeCommand,
  SetBackCommand,
  LevelsCommand,
  TakeCommand,
} from './command.js'
export type {
  AcceptedEvent,
  AssetsEvent,
  BookEvent,
  CancelResultsEvent,
  DeleveragingEvent,
  ExchangeEvent,
  FillEvent,
  FundingEvent,
  LiquidationEvent,
  OrderStatusEvent,
  PositionEvent,
  RefusedEvent,
  TickerEvent,
  TradeEvent,
} from './event.js'
export type {
  AccountState,
  ExchangeState,
  MarketState,
  ExchangeOrderState,
  PositionState,
  SideState,
  UnitsText,
  WalletState,
} from './state/export-state.js'
export { createExchange, type ExactBalance, type Exchange, type ExchangeOptions } from './exchange.js'
export { type ContractSpec, PLATFORMS, type SpotSpec, type SymbolSpec } from './symbols.js'
export { liquidationPrice, type LiquidationTerms } from './contracts/liquidation-price.js'
export { type SelfTrade, selfTradeOf } from './matching/self-trade.js'
