import type { ExchangeCommand, PlaceCommand, QuoteCommand, SelfTrade, SpotSpec } from '../../src/exchange/index.js'

interface Resting {
  readonly account: string
  readonly symbol: string
  readonly buys: boolean
  readonly price: bigint
  remain: bigint
  readonly no: string
}

const SCALE = 10n ** 12n
const scaled = (value: number | string): bigint => {
  const [whole = '0', fraction = ''] = String(value).split('.')
  return BigInt(whole + fraction.padEnd(12, '0'))
}
const plain = (units: bigint): number => Number(units) / 1e12

/**
 * The rules of matching and nothing else, written to be read: one list of orders in the order in which they came, searched
 * from the beginning each time. It knows no balances: whether a command was refused it is told.
 */
export class NaiveExchange {
  private orders: Resting[] = []
  private count = 0

  constructor(
    private readonly symbols: readonly SpotSpec[],
    private readonly selfTrade: SelfTrade = 'allow',
  ) {}

  /** The trades that the command makes, in words. */
  apply(command: ExchangeCommand, refused: boolean): string[] {
    if (refused) return []
    switch (command.type) {
      case 'place':
        return this.place(command)
      case 'cancel': {
        const { account, symbol, order_nos } = command
        this.orders = this.orders.filter(
          (order) =>
            order.account !== account ||
            order.symbol !== symbol ||
            (order_nos.length > 0 && !order_nos.includes(order.no)),
        )
        return []
      }
      case 'take': {
        const { account, symbol, action, price, quantity } = command
        return this.place({ type: 'place', account, symbol, action, price, quantity, order_type: 'IOC' })
      }
      case 'quote':
        return this.quote(command)
      case 'levels':
        return this.quote(command, 'the rest stays')
      default:
        return []
    }
  }

  private place({ account, symbol, action, price, quantity, order_type }: PlaceCommand): string[] {
    const no = `x${++this.count}`
    const buys = action === 'BUY'
    const lot = scaled(this.symbols.find((each) => each.symbol === symbol)!.sizeTick)
    const byAmount = buys && order_type === 'MARKET'
    let left = scaled(quantity)
    const trades: string[] = []
    for (;;) {
      const maker = this.orders
        .filter((order) => order.symbol === symbol && order.buys !== buys)
        .reduce<Resting | undefined>((best, order) => {
          if (best === undefined) return order
          return (buys ? order.price < best.price : order.price > best.price) ? order : best
        }, undefined)
      if (maker === undefined || left === 0n) break
      if (order_type !== 'MARKET' && (buys ? maker.price > scaled(price) : maker.price < scaled(price))) break
      const wanted = byAmount ? ((left * SCALE) / (maker.price * lot)) * lot : left
      const size = wanted < maker.remain ? wanted : maker.remain
      if (size === 0n) break
      if (this.selfTrade !== 'allow' && maker.account === account && account !== 'house') {
        if (this.selfTrade !== 'cancel-taker') this.orders = this.orders.filter((order) => order !== maker)
        if (this.selfTrade === 'cancel-maker') continue
        return trades
      }
      trades.push(`${action} ${plain(size)} @ ${plain(maker.price)}`)
      maker.remain -= size
      left -= byAmount ? (size * maker.price) / SCALE : size
      this.orders = this.orders.filter(({ remain }) => remain > 0n)
    }
    if (order_type === 'LIMIT' && left > 0n) {
      this.orders.push({ account, symbol, buys, price: scaled(price), remain: left, no })
    }
    return trades
  }

  private quote({ account, symbol, bids, asks }: Omit<QuoteCommand, 'type'>, rest?: 'the rest stays'): string[] {
    const sides = [
      { buys: true, rows: bids },
      { buys: false, rows: asks },
    ].map(({ buys, rows }) => {
      if (rows === undefined) return { buys, wanted: undefined, shown: [] }
      const wanted = new Map<bigint, bigint>()
      for (const [price, quantity] of rows) {
        wanted.set(scaled(price), (wanted.get(scaled(price)) ?? 0n) + scaled(quantity))
      }
      return { buys, wanted, shown: [...wanted].filter(([, lots]) => lots > 0n).map(([price]) => price) }
    })
    this.orders = this.orders.filter((order) => {
      if (order.account !== account || order.symbol !== symbol) return true
      const { wanted } = sides.find(({ buys }) => buys === order.buys)!
      if (wanted === undefined || (rest !== undefined && !wanted.has(order.price))) {
        const others = sides.filter(({ buys }) => buys !== order.buys).flatMap(({ shown }) => shown)
        return !others.some((price) => (order.buys ? price <= order.price : price >= order.price))
      }
      const lots = wanted.get(order.price) ?? 0n
      order.remain = order.remain < lots ? order.remain : lots
      wanted.set(order.price, lots - order.remain)
      return order.remain > 0n
    })
    return sides.flatMap(({ buys, wanted }) =>
      [...(wanted ?? [])].flatMap(([price, quantity]) =>
        quantity === 0n
          ? []
          : this.place({
              type: 'place',
              account,
              symbol,
              action: buys ? 'BUY' : 'SELL',
              price: plain(price),
              quantity: plain(quantity),
              order_type: 'LIMIT',
            }),
      ),
    )
  }
}
