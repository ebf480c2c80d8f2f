export { type BookCsvOptions, bookCsv, readBook, type ReadBookOptions } from './csv/book-csv.js'
export { type BookJoin, bookJoin, type BookMessage } from './csv/book-join.js'
export { type CandlePeriod, parsePeriod } from './csv/candle-period.js'
export { type Candle, candleTrades } from './csv/candle-trades.js'
export { candlesCsv, type CandlesCsvOptions, readCandles, type ReadCandlesOptions } from './csv/candles-csv.js'
export { RecordingError } from './csv/csv-rows.js'
export { gatewayMarket } from './gateway-market.js'
export { type HeldSymbols, heldSymbols } from './held-symbols.js'
export { marketMakerCommand } from './exchange/market-maker-command.js'
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
export {
  fileNames,
  marketFiles,
  readMarket,
  type ReadMarketOptions,
  type RecordingKind,
  recordingKind,
} from './market-files.js'
export { withBasis, type BasisOptions } from './synthetic/with-basis.js'
export { snapToLots } from './exchange/snap-to-lots.js'
export { snapToTicks } from './exchange/snap-to-ticks.js'
export { type EventSource, replayMarket, type ReplayMarketOptions } from './replay-market.js'
export { bookAroundTrades, type RecordedTrade } from './csv/recorded-trade.js'
export { QUOTE_CURRENCIES, spotPair, spotPairWith } from './csv/symbol-names.js'
export { type StalePrices, stalePrices } from './stale-prices.js'
export { syntheticEvents, type SyntheticOptions } from './synthetic/synthetic-events.js'
export { syntheticMarket } from './synthetic/synthetic-market.js'
export { readTrades, type ReadTradesOptions, tradesCsv, type TradesCsvOptions } from './csv/trades-csv.js'
