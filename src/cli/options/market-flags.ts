import { type Command, InvalidArgumentError } from 'commander'
import type { ReadMarketOptions } from '../../market/index.js'

/** Reads names separated by commas. @throws InvalidArgumentError where one is empty */
export const list = (text: string): readonly string[] => {
  const items = text.split(',').map((item) => item.trim())
  if (items.includes('')) throw new InvalidArgumentError('It must be names separated by commas, none of them empty.')
  return items
}

const pair = (text: string): string => {
  if (/^[\p{L}\p{N}]+\/[\p{L}\p{N}]+$/u.test(text)) return text.toUpperCase()
  throw new InvalidArgumentError('It must be a symbol such as BTC/USDT.')
}

/** Options that say how the files of a market are read. */
export interface MarketFlags {
  /** As of `ReadMarketOptions`. */
  readonly columns?: readonly string[]
  /** As of `ReadMarketOptions`. */
  readonly symbol?: string
}

/** Adds `--columns` and `--symbol` to a command that reads files of market data. */
export const addMarketFlags = (command: Command): Command =>
  command
    .option(
      '--columns <names>',
      'columns of the files that are not recognised: all names in order (timestamp,open,…; - for one that is not used), or timestamp=Time,volume=7',
      list,
    )
    .option('--symbol <pair>', 'the symbol of every file, whatever it says itself; BTC/USDT=FILE says it of one', pair)

/**
 * Settings for reading the files of a market.
 *
 * @param symbols traded symbols: a single one is that of a file that names none
 */
export const readingOf = ({ columns, symbol }: MarketFlags, symbols: readonly string[] = []): ReadMarketOptions => ({
  ...(columns === undefined ? {} : { columns }),
  ...(symbol === undefined ? {} : { symbol }),
  ...(symbols.length === 1 && symbols[0] !== undefined ? { candlesOf: symbols[0] } : {}),
})
