/** BTCUSDT is BTC/USDT, BTC/USDT is itself; undefined for what is no spot pair. */
export function spotPair(name: string): string | undefined {
  const match = /^([A-Z0-9]{2,})[-_/]?(USDT|USDC|USD|BTC|ETH)$/.exec(name)
  return match === null ? undefined : `${match[1]}/${match[2]}`
}

/** The spot pair that a file is named after, such as `candles_btcusdt_1m.csv.gz` or `BTC-USDT.csv`; undefined if it is after none, or several. */
export function pairInName(path: string): string | undefined {
  const words = (path.split(/[/\\]/).at(-1) ?? '').toUpperCase().split(/[^A-Z0-9]+/)
  const found = new Set(
    words.flatMap((word, index) => [spotPair(word), spotPair(`${word}-${words[index + 1] ?? ''}`)]).filter(isName),
  )
  const [name] = found
  return found.size === 1 ? name : undefined
}

const isName = (name: string | undefined): name is string => name !== undefined
