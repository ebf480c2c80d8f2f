import { spotPair } from '../symbol-names.js'
import type { Table } from '../table/table.js'
import { FIELDS, OWN_COLUMNS, placesOf, plainName, type RecordingKind } from './fields.js'
import { isFound, type Layout } from './layout.js'

const KINDS: readonly RecordingKind[] = ['book', 'candles', 'trades', 'rates']

/** The facts about a file that its columns alone do not tell. */
export interface HeaderOptions {
  /** True where trades may have no side: it is then found by the price before. */
  readonly mayLackSide?: boolean
}

/** Finds the layout of a file by the names of its columns; undefined if they are unknown. */
export const layoutOfNames = (
  table: Pick<Table, 'format' | 'sample'>,
  names: readonly string[],
  options: HeaderOptions = {},
): Layout | undefined => {
  const given = new Set(names.map((name) => name.toLowerCase()))
  const plain = new Set(names.map(plainName))
  for (const kind of KINDS) {
    const at = [...placesOf(FIELDS[kind], names)]
    if (kind === 'candles' && !isFound(at, VOLUME)) at[VOLUME] = volumePlace(names, symbolIn(table, at[SYMBOL]))
    const isOwn = table.format === 'CSV' && OWN_COLUMNS[kind].every((column) => given.has(column))
    if (isOwn || isComplete[kind](at, plain, options)) return { kind, name: nameOf[kind](plain), isOwn, at }
  }
  return undefined
}

type IsComplete = (at: readonly number[], plain: ReadonlySet<string>, options: HeaderOptions) => boolean

const isComplete: Readonly<Record<RecordingKind, IsComplete>> = {
  book: (at) => isFound(at, 0, 1, 2, 6, 7, 8, 10) || isFound(at, 0, 1, 2, 3, 4, 5, 6, 7, 8),
  candles: (at) => isFound(at, 0, 1, 2, 3, 4, 5),
  // The rows of an order book have sides, prices and quantities too.
  trades: (at, plain, { mayLackSide }) =>
    isFound(at, 0, 3, 4) &&
    (isFound(at, 2) || isFound(at, 5) || mayLackSide === true) &&
    ![...plain].some((name) => /updateid|issnapshot|^level$/.test(name)),
  rates: (at) => isFound(at, 0, 2) || isFound(at, 0, 3),
}

const nameOf: Readonly<Record<RecordingKind, (plain: ReadonlySet<string>) => string>> = {
  book: (plain) => (plain.has('issnapshot') ? 'a Tardis order book' : 'an order book'),
  candles: (plain) => {
    if (plain.has('takerbuyvolume') || plain.has('quoteassetvolume')) return 'Binance klines'
    if (plain.has('unix') || plain.has('unixtimestamp')) return 'CryptoDataDownload candles'
    return plain.has('time') && plain.has('volume') ? 'candles as TradingView exports them' : 'candles'
  },
  trades: (plain) => {
    if (plain.has('localtimestamp')) return 'Tardis trades'
    if (plain.has('aggtradeid')) return 'Binance aggTrades'
    return plain.has('isbuyermaker') ? 'Binance trades' : 'trades'
  },
  rates: (plain) => {
    if (plain.has('localtimestamp')) return 'Tardis derivative tickers'
    return plain.has('lastfundingrate') ? 'Binance funding rates' : 'funding rates or mark prices'
  },
}

const VOLUME = 5
const SYMBOL = 6

const symbolIn = ({ sample }: Pick<Table, 'sample'>, index = -1): string | undefined =>
  spotPair(sample[0]?.[index] ?? '')

/**
 * Index of the volume in base currency among columns such as `Volume BTC,Volume USDT`: that of the
 * symbol's base currency, or the first.
 */
const volumePlace = (names: readonly string[], symbol: string | undefined): number => {
  const base = symbol?.split('/')[0]?.toLowerCase()
  const volumes = names.map((name) => /^volume[\s_]*\(?([\p{L}\p{N}]+)\)?$/iu.exec(name)?.[1]?.toLowerCase())
  const ofBase = base === undefined ? -1 : volumes.indexOf(base)
  return ofBase >= 0 ? ofBase : volumes.findIndex((currency) => currency !== undefined)
}
