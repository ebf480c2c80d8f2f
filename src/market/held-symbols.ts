/** A login of a strategy, as far as its market is concerned. */
interface Wanting {
  readonly platform: string
  readonly symbols: readonly string[]
}

/** Compares the symbols that a market holds with those that a strategy trades. */
export interface HeldSymbols {
  /** The market of a platform, or of all, has an event of this symbol. */
  saw(symbol: string, platform?: string): void
  /** True once the market held anything that the strategy trades, or if that trades nothing. */
  readonly isWanted: boolean
  /**
   * The reason, to be put behind "the market", for which nothing can be traded in it: `holds
   * SOL/USDT, and the strategy wants BTC/USDT`.
   */
  otherWords(who?: string): string
  /** Notes on symbols that were wanted and not held, and on those that were held and not wanted. */
  notes(): readonly string[]
}

const MOST_NAMES = 10

/** Lists names, the first ten of them. */
const listed = (names: Iterable<string>): string => {
  const all = [...new Set(names)].sort()
  return `${all.slice(0, MOST_NAMES).join(', ')}${all.length > MOST_NAMES ? ', …' : ''}`
}

/** @param logins - what the strategy trades, and where */
export const heldSymbols = (logins: readonly Wanting[]): HeldSymbols => {
  const wanted = new Set(logins.flatMap(({ symbols }) => symbols))
  const heldBy = new Map<string, Set<string>>(logins.map(({ platform }) => [platform, new Set()]))
  const held = new Set<string>()
  let isWanted = wanted.size === 0
  return {
    saw: (symbol, platform) => {
      held.add(symbol)
      for (const [name, symbols] of heldBy) if (platform === undefined || platform === name) symbols.add(symbol)
      isWanted ||= logins.some((login) => login.symbols.includes(symbol) && heldBy.get(login.platform)?.has(symbol))
    },
    get isWanted() {
      return isWanted
    },
    otherWords: (who = 'the strategy wants') =>
      `holds ${held.size === 0 ? 'nothing that is traded' : listed(held)}, and ${who} ${listed(wanted)}`,
    notes: () => {
      const spare = [...held].filter((symbol) => !wanted.has(symbol))
      return [
        ...logins.flatMap(({ platform, symbols }) => {
          const missing = symbols.filter((symbol) => heldBy.get(platform)?.has(symbol) !== true)
          return missing.length === 0
            ? []
            : [`the market held nothing of ${listed(missing)}, which the strategy trades on ${platform}`]
        }),
        ...(spare.length === 0 ? [] : [`${listed(spare)} of the market is left out: the strategy does not trade it`]),
      ]
    },
  }
}
