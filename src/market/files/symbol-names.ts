/** Quote currencies by which names without a separator, such as BTCFDUSD, are taken apart. */
export const QUOTE_CURRENCIES: readonly string[] = [
  ...['USDT', 'USDC', 'FDUSD', 'BUSD', 'TUSD', 'USDP', 'PYUSD', 'RLUSD', 'USDD', 'USDE', 'USD1', 'DAI', 'GUSD', 'PAX'],
  ...['USD', 'EUR', 'GBP', 'JPY', 'KRW', 'TRY', 'BRL', 'AUD', 'CAD', 'CHF', 'MXN', 'ZAR', 'PLN', 'ARS', 'IDR', 'UAH'],
  ...['EURI', 'EURT', 'IDRT', 'BIDR', 'BTC', 'ETH', 'BNB', 'XRP', 'TRX', 'DOGE', 'SOL', 'DOT', 'HUSD', 'HT', 'OKB'],
]

/** A currency: letters and digits of any script. */
const CURRENCY = /^[\p{L}\p{N}]+$/u

/**
 * Makes a function that reads spot pairs from names, such as BTCUSDT, btc-usdt, BTC_USDT or
 * BTC/USDT. A `/` separates any two currencies; otherwise the quote currency must be known, and the
 * longest known one counts: BTCFDUSD is BTC/FDUSD. The function returns undefined for anything
 * else, such as BTCUSDT-PERP.
 *
 * @param more quote currencies in addition to {@link QUOTE_CURRENCIES}
 *
 * @example
 * const symbolOf = spotPairWith('XYZ')
 * symbolOf('BTCXYZ')   // 'BTC/XYZ'
 */
export const spotPairWith = (...more: readonly string[]): ((name: string) => string | undefined) => {
  const quotes = new Set([...QUOTE_CURRENCIES, ...more.map((name) => name.toUpperCase())])
  return (given) => {
    const name = given.trim().toUpperCase()
    const [base = '', quote = '', ...rest] = name.split(/[-_/]/)
    if (quote !== '') {
      const isPair = rest.length === 0 && base !== quote && CURRENCY.test(base) && CURRENCY.test(quote)
      return isPair && (name.includes('/') || quotes.has(quote)) ? `${base}/${quote}` : undefined
    }
    if (!CURRENCY.test(name) || quotes.has(name)) return undefined
    // The longest quote currency leaves the shortest base.
    for (let length = 1; length < name.length; length += 1) {
      const end = name.slice(length)
      if (quotes.has(end)) return `${name.slice(0, length)}/${end}`
    }
    return undefined
  }
}

/** Reads a spot pair from a name, with the known quote currencies; see {@link spotPairWith}. */
export const spotPair = (name: string): string | undefined => knownPair(name)

const knownPair = spotPairWith()

/** Words of file names that are no currency. */
const DESCRIPTIONS = new Set(
  'CANDLES CANDLE KLINES KLINE OHLCV OHLC BARS TRADES TRADE AGGTRADES BOOK L2 DEPTH ORDERBOOK QUOTES DATA SPOT FUTURES FUNDING RATE MARK BINANCE OKX OKEX HUOBI HTX'.split(
    ' ',
  ),
)

/**
 * Finds the spot pair in the name of a file, such as `candles_btcusdt_1m.csv.gz` or `BTC-USDT.csv`;
 * undefined if it holds none, or several.
 */
export const pairInName = (
  path: string,
  symbolOf: (name: string) => string | undefined = spotPair,
): string | undefined => {
  const words = (path.split(/[/\\]/).at(-1) ?? '')
    .toUpperCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => !DESCRIPTIONS.has(word))
  const found = new Set(
    words.flatMap((word, index) => [symbolOf(word), symbolOf(`${word}-${words[index + 1] ?? ''}`)]).filter(isName),
  )
  const [name] = found
  return found.size === 1 ? name : undefined
}

const isName = (name: string | undefined): name is string => name !== undefined
