/** Specification of a spot symbol, as decimal text: no number has been through a double. */
export interface SpotSpec {
  readonly symbol: string
  readonly kind: 'spot'
  readonly base: string
  readonly quote: string
  /** Smallest step of the price. */
  readonly priceTick: string
  /** Smallest step of the quantity. */
  readonly sizeTick: string
  /** Smallest quantity of an order. */
  readonly sizeLimit: string
  /** Smallest step of a MARKET BUY's amount. */
  readonly valueTick: string
  /** Smallest value of an order, in quote currency. */
  readonly valueLimit: string
  /** Shares of what is received: '0.002' is 0.2 %. At most 8 places; a negative one is a rebate. */
  readonly makerFee: string
  readonly takerFee: string
}

/**
 * Specification of a perpetual contract, as decimal text. Positions are held in hedge mode: long
 * and short side by side.
 */
export interface ContractSpec {
  readonly symbol: string
  /** `linear` is settled in quote currency, `inverse` in base currency. */
  readonly kind: 'linear' | 'inverse'
  readonly base: string
  readonly quote: string
  /** Smallest step of the price. */
  readonly priceTick: string
  /** Face value of one contract: base currency if linear, quote currency if inverse. */
  readonly faceValue: string
  /** Smallest order, in contracts. */
  readonly sizeLimit: string
  /**
   * Shares of the traded value, in settlement currency. At most 8 places; a negative one is a
   * rebate.
   */
  readonly makerFee: string
  readonly takerFee: string
  /** Margin is the value divided by this whole number. */
  readonly leverage: number
  /**
   * `crossed`: all positions of a settlement currency stand on the account's whole balance.
   * `fixed`: each on its own margin.
   */
  readonly marginMode: 'crossed' | 'fixed'
  /** A position is liquidated when what stands behind it is down to this share of its margin. */
  readonly adjustmentFactor: string
  /**
   * Other shares for larger net positions (long less short; of `fixed` margin each side alone),
   * smallest first. A liquidation first takes such a position down tier by tier, as far as it must.
   *
   * @default none: one share for all
   */
  readonly tiers?: readonly {
    /** In contracts: the tier is of net positions above so many. */
    readonly above: number
    readonly adjustmentFactor: string
  }[]
  /** Share of a liquidated value that goes to the insurance fund, as far as something is left. */
  readonly liquidationFee: string
  /** Payment of longs to shorts every eight hours, as a share of the value. */
  readonly fundingRate: string
}

export type SymbolSpec = SpotSpec | ContractSpec

const spot = (base: string, quote: string, rest: Omit<SpotSpec, 'symbol' | 'kind' | 'base' | 'quote'>): SpotSpec => ({
  symbol: `${base}/${quote}`,
  kind: 'spot',
  base,
  quote,
  ...rest,
})

const huobiFees = { makerFee: '0.002', takerFee: '0.002' }
const okexFees = { makerFee: '0.0008', takerFee: '0.001' }

/**
 * Lowest tier: ten times leverage, where the adjustment factor of 10 % means a maintenance margin
 * of 1 %.
 */
const huobiFuture = {
  sizeLimit: '1',
  makerFee: '0.0002',
  takerFee: '0.0004',
  leverage: 10,
  marginMode: 'crossed',
  adjustmentFactor: '0.1',
  liquidationFee: '0.0025',
  fundingRate: '0.0001',
} as const

/**
 * The platforms that paper knows by name, with ticks, limits and lowest-tier fees as the real ones
 * have published them.
 */
export const PLATFORMS: ReadonlyMap<string, readonly SymbolSpec[]> = new Map<string, readonly SymbolSpec[]>([
  [
    'huobi',
    [
      spot('BTC', 'USDT', {
        priceTick: '0.01',
        sizeTick: '0.000001',
        sizeLimit: '0.00001',
        valueTick: '0.00000001',
        valueLimit: '10',
        ...huobiFees,
      }),
      spot('ETH', 'USDT', {
        priceTick: '0.01',
        sizeTick: '0.0001',
        sizeLimit: '0.001',
        valueTick: '0.00000001',
        valueLimit: '10',
        ...huobiFees,
      }),
    ],
  ],
  [
    'okex',
    [
      spot('BTC', 'USDT', {
        priceTick: '0.1',
        sizeTick: '0.00000001',
        sizeLimit: '0.00001',
        valueTick: '0.00000001',
        valueLimit: '1',
        ...okexFees,
      }),
      spot('ETH', 'USDT', {
        priceTick: '0.01',
        sizeTick: '0.000001',
        sizeLimit: '0.0001',
        valueTick: '0.00000001',
        valueLimit: '1',
        ...okexFees,
      }),
    ],
  ],
  [
    'huobi_future',
    [
      {
        symbol: 'BTC/USDT',
        kind: 'linear',
        base: 'BTC',
        quote: 'USDT',
        priceTick: '0.1',
        faceValue: '0.001',
        ...huobiFuture,
      },
      {
        symbol: 'ETH/USDT',
        kind: 'linear',
        base: 'ETH',
        quote: 'USDT',
        priceTick: '0.01',
        faceValue: '0.01',
        ...huobiFuture,
      },
      {
        symbol: 'BTC/USD',
        kind: 'inverse',
        base: 'BTC',
        quote: 'USD',
        priceTick: '0.1',
        faceValue: '100',
        ...huobiFuture,
      },
    ],
  ],
])
