export { type BookCsvOptions, bookCsv, readBook, type ReadBookOptions } from './files/books/book-csv.js'
export { type CandlePeriod, parsePeriod } from './files/candles/candle-period.js'
export { type Candle, candleTrades } from './files/candles/candle-trades.js'
export {
  candlesCsv,
  type CandlesCsvOptions,
  readCandles,
  type ReadCandlesOptions,
} from './files/candles/candles-csv.js'
export { type Column, type MarketColumns, readColumns } from './files/columns/column-file.js'
export type { RecordingKind } from './files/layout/fields.js'
export {
  type FundingRateEvent,
  type MarkPriceEvent,
  readRates,
  type ReadRatesOptions,
} from './files/rates/read-rates.js'
export { RecordingError } from './files/recording-error.js'
export { gatewayMarket } from './gateway-market.js'
export { mergeByTime } from './merge-by-time.js'
export type { LadderOptions } from './synthetic/ladder.js'
export type {
  BookDeltaEvent,
  MarketEvent,
  MarketEvents,
  ProgressEvent,
  BookSnapshotEvent,
  TakeEvent,
  RecordedTradeEvent,
} from './market-event.js'
export { marketFiles, readMarket, type ReadMarketOptions } from './market-files.js'
export { withBasis, type BasisOptions } from './synthetic/with-basis.js'
export { type EventSource, replayMarket, type ReplayMarketOptions } from './replay-market.js'
export type { RecordedTrade } from './files/trades/recorded-trade.js'
export { syntheticEvents, type SyntheticOptions } from './synthetic/synthetic-events.js'
export { syntheticMarket } from './synthetic/synthetic-events.js'
export { readTrades, type ReadTradesOptions, tradesCsv, type TradesCsvOptions } from './files/trades/trades-csv.js'
export { MarketClock, type MarketClockOptions } from '../time/index.js'
