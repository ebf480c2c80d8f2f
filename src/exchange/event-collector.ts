import type { Account, Wallet } from './accounts/account.js'
import { Changes } from './accounts/dirty-set.js'
import { unitsToNumber } from './numbers/decimal.js'
import type { ExchangeEvent } from './event.js'
import type { Held } from './contracts/margin-account.js'
import type { Market } from './matching/symbol-market.js'
import type { RestingOrder } from './matching/order.js'
import type { Position } from './contracts/position.js'
import type { Units } from './numbers/units.js'

/** Collects the events of the present command. Events of market maker accounts are left out. */
export class Report {
  private events: ExchangeEvent[] = []
  private readonly accounts = new Changes<Account>()
  private readonly markets = new Changes<Market>()
  private readonly positions: { account: Account; held: Held; position: Position }[] = []

  add(event: ExchangeEvent): void {
    this.events.push(event)
  }

  order(order: RestingOrder): void {
    if (!order.account.house) this.add({ type: 'order', account: order.account.name, data: order.notice() })
  }

  trade(taker: RestingOrder, price: number, lots: number, timestamp: number): void {
    const { instrument } = taker
    this.add({
      type: 'trade',
      data: {
        symbol: instrument.symbol,
        action: taker.action,
        price: instrument.price.value(price),
        quantity: instrument.size.value(lots),
        timestamp,
      },
    })
  }

  fill(
    order: RestingOrder,
    liquidity: 'TAKER' | 'MAKER',
    trade: { readonly no: string; readonly price: number; readonly lots: number; readonly timeMs: number },
    fee: Units,
    { currency, decimals }: { readonly currency: string; readonly decimals: number },
  ): void {
    const { account, instrument, offset } = order
    if (account.house) return
    const fill = {
      symbol: instrument.symbol,
      order_no: order.no,
      fill_no: trade.no,
      price: instrument.price.value(trade.price),
      quantity: instrument.size.value(trade.lots),
      side: order.action,
      liquidity,
      ctime: trade.timeMs,
    }
    this.add({
      type: 'fill',
      account: account.name,
      data: offset === undefined ? fill : { ...fill, offset },
      fee: unitsToNumber(fee, decimals),
      fee_currency: currency,
    })
  }

  /** Marks a changed balance: reported once, at the end of the command. */
  touch(account: Account, wallet: Wallet): void {
    if (account.house) return
    this.accounts.add(account)
    account.changed.add(wallet)
  }

  /** Marks a changed book: reported once, at the end of the command. */
  changed(market: Market): void {
    market.bookChanged = true
    this.markets.add(market)
  }

  /** The last price of a market has changed, and its book has not. */
  lastChanged(market: Market): void {
    this.markets.add(market)
  }

  /** Marks a changed position: reported once, at the end of the command. */
  touchPosition(account: Account, held: Held, position: Position): void {
    if (account.house || position.touched) return
    position.touched = true
    this.positions.push({ account, held, position })
  }

  /** True if anything has changed so far. */
  get hasChanges(): boolean {
    return this.events.length > 0 || !this.accounts.isEmpty
  }

  /** The books that have changed so far. */
  get changedMarkets(): Iterable<Market> {
    return this.markets
  }

  private endPositions(): void {
    for (const { account, held, position } of this.positions.splice(0)) {
      position.touched = false
      const data = { symbol: held.contract.symbol, ...held.group.notice(held, account) }
      this.add({ type: 'position', account: account.name, data })
    }
  }

  /** The command is done: tells what has changed, and gives all its events away. */
  end(timestamp: number): readonly ExchangeEvent[] {
    for (let account = this.accounts.take(); account !== undefined; account = this.accounts.take()) {
      this.add({ type: 'assets', account: account.name, data: account.takeChanges() })
    }
    if (this.positions.length > 0) this.endPositions()
    for (let market = this.markets.take(); market !== undefined; market = this.markets.take()) {
      if (market.tickerChanged()) this.add({ type: 'ticker', data: market.ticker(timestamp) })
      if (!market.bookChanged) continue
      market.bookChanged = false
      this.add({ type: 'book', symbol: market.instrument.symbol, timestamp })
    }
    const { events } = this
    this.events = []
    return events
  }
}
