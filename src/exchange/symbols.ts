/** What a spot symbol is, as decimal text: no number here has been through a double. */
export interface SymbolSpec {
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

const spot = (
  base: string,
  quote: string,
  rest: Omit<SymbolSpec, 'symbol' | 'kind' | 'base' | 'quote'>,
): SymbolSpec => ({
  symbol: `${base}/${quote}`,
  kind: 'spot',
  base,
  quote,
  ...rest,
})

const huobiFees = { makerFee: '0.002', takerFee: '0.002' }
const okexFees = { makerFee: '0.0008', takerFee: '0.001' }

/** The platforms that paper knows by name, with ticks, limits and lowest-tier fees as the real ones have published them. */
export const PLATFORMS: ReadonlyMap<string, readonly SymbolSpec[]> = new Map([
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
])
