/** Content of a recording. */
export type RecordingKind = 'trades' | 'candles' | 'book' | 'rates'

/** A field that a reader asks for, with the names that files give it; the first is ours. */
export interface Field {
  readonly name: string
  /** In the form of {@link plainName}; the earlier ones are preferred. */
  readonly aliases: readonly string[]
}

const field = (name: string, ...aliases: readonly string[]): Field => ({
  name,
  aliases: [plainName(name), ...aliases],
})

/** Name of a column without case, spaces and signs: `Open Time` and `open_time` are `opentime`. */
export function plainName(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')
}

const TIMES = ['opentime', 'unix', 'unixtimestamp', 'time', 'ts', 'starttime', 'datetime', 'date', 'dateutc', 'gmttime']
const SYMBOLS = ['pair', 'market', 'instrument', 'instrumentname', 'instrumentid', 'tradingpair', 'ticker']

/** The columns of a file of candles; the first six are needed. */
export const CANDLE_FIELDS: readonly Field[] = [
  field('timestamp', ...TIMES, 't'),
  field('open', 'o', 'openprice'),
  field('high', 'h', 'highprice'),
  field('low', 'l', 'lowprice'),
  field('close', 'c', 'closeprice', 'last'),
  field('volume', 'v', 'vol', 'basevolume', 'volumebase'),
  field('symbol', ...SYMBOLS),
]

/** The columns of a recording of trades; of side and is_buyer_maker one is needed. */
export const TRADE_FIELDS: readonly Field[] = [
  field('timestamp', 'transacttime', 'tradetime', 'createdtime', ...TIMES, 't'),
  field('symbol', ...SYMBOLS, 's'),
  field('side', 'takerside', 'aggressor', 'aggressorside', 'direction'),
  field('price', 'p', 'tradeprice'),
  field('quantity', 'qty', 'amount', 'size', 'vol', 'volume', 'q'),
  field('is_buyer_maker', 'buyermaker', 'isbuyerthemaker', 'buyerismaker', 'm'),
  field('id', 'tradeid', 'aggtradeid', 'trdmatchid'),
]

/** The columns of a recorded order book; `pu`, is_snapshot and the names of Tardis are optional. */
export const BOOK_FIELDS: readonly Field[] = [
  field('timestamp'),
  field('recv_timestamp', 'localtimestamp'),
  field('symbol'),
  field('type'),
  field('first_update_id'),
  field('last_update_id'),
  field('side'),
  field('price'),
  field('quantity', 'amount'),
  // The last id of the update before, as `pu` of depth feeds of futures.
  field('pu', 'previousupdateid', 'prevupdateid', 'previouslastupdateid', 'prevlastupdateid'),
  field('is_snapshot'),
]

/** The columns of funding rates and mark prices of contracts; one of the two is needed. */
export const RATE_FIELDS: readonly Field[] = [
  field('timestamp', 'calctime', 'fundingtime', ...TIMES),
  field('symbol', ...SYMBOLS, 's'),
  field('funding_rate', 'lastfundingrate', 'realizedrate'),
  field('mark_price'),
]

/** Fields of each kind, in the order in which readers ask for them. */
export const FIELDS: Readonly<Record<RecordingKind, readonly Field[]>> = {
  candles: CANDLE_FIELDS,
  trades: TRADE_FIELDS,
  book: BOOK_FIELDS,
  rates: RATE_FIELDS,
}

/** Our own columns of each kind, which all must be there. */
export const OWN_COLUMNS: Readonly<Record<RecordingKind, readonly string[]>> = {
  book: BOOK_FIELDS.slice(0, 9).map(({ name }) => name),
  candles: CANDLE_FIELDS.slice(0, 6).map(({ name }) => name),
  trades: TRADE_FIELDS.slice(0, 5).map(({ name }) => name),
  rates: ['timestamp', 'symbol', 'funding_rate'],
}

/** Index of each field among the names of a file; -1 where none of its aliases is there. */
export const placesOf = (fields: readonly Field[], names: readonly string[]): readonly number[] => {
  const plain = names.map(plainName)
  return fields.map(({ aliases }) => {
    const alias = aliases.find((each) => plain.includes(each))
    return alias === undefined ? -1 : plain.indexOf(alias)
  })
}
