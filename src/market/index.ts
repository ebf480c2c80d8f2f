export { type BookCsvOptions, bookCsv, readBook, type ReadBookOptions } from './book-csv.js'
export { type BookJoin, bookJoin, type BookMessage } from './book-join.js'
export { type CandlePeriod, parsePeriod } from './candle-period.js'
export { type Candle, candleTrades } from './candle-trades.js'
export { candlesCsv, type CandlesCsvOptions, readCandles, type ReadCandlesOptions } from './candles-csv.js'
export { RecordingError } from './csv-rows.js'
export { gatewayMarket } from './gateway-market.js'
export { type HeldSymbols, heldSymbols } from './held-symbols.js'
export { marketMakerCommand } from './house.js'
export { mergeByTime } from './in-time-order.js'
export type { LadderOptions } from './ladder.js'
export type {
  BookDeltaEvent,
  MarketEvent,
  MarketEvents,
  ProgressEvent,
  BookSnapshotEvent,
  TakeEvent,
  RecordedTradeEvent,
} from './market-event.js'
export {
  fileNames,
  marketFiles,
  readMarket,
  type ReadMarketOptions,
  type RecordingKind,
  recordingKind,
} from './market-files.js'
export { withBasis, type BasisOptions } from './off-by.js'
export { snapToLots } from './on-lots.js'
export { snapToTicks } from './on-ticks.js'
export { type EventSource, replayMarket, type ReplayMarketOptions } from './play.js'
export { bookAroundTrades, type RecordedTrade } from './recorded-trade.js'
export { QUOTE_CURRENCIES, spotPair, spotPairWith } from './symbol-names.js'
export { type StalePrices, stalePrices } from './stale-prices.js'
export { syntheticEvents, type SyntheticOptions } from './synthetic.js'
export { syntheticMarket } from './synthetic-market.js'
export { readTrades, type ReadTradesOptions, tradesCsv, type TradesCsvOptions } from './trades-csv.js'
