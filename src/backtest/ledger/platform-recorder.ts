import type { Exchange, ExchangeCommand, ExchangeEvent, SymbolSpec } from '../../exchange/index.js'
import type { CommandObserver } from '../../gateway/index.js'
import { outcomeOf } from './from-log.js'
import type { FundingPayment, LedgerFill, LedgerOrder, Liquidation } from './ledger.js'
import { currenciesOf } from './spot-ledger.js'

type PlaceCommand = Extract<ExchangeCommand, { type: 'place' }>
type OrderStatusEvent = Extract<ExchangeEvent, { type: 'order' }>
type FillEvent = Extract<ExchangeEvent, { type: 'fill' }>
type Written<T> = { -readonly [Key in keyof T]: T[Key] }

/** Time on the way to the exchange and back, in ms. */
export interface Delays {
  readonly inMs: number
  readonly outMs: number
}

/** Lists of a run that all platforms write to, and what a platform asks of the run. */
export interface RunWriting {
  readonly orders: Written<LedgerOrder>[]
  readonly fills: LedgerFill[]
  readonly funding: FundingPayment[]
  readonly liquidations: Liquidation[]
  readonly quote: string
  /** Closes the bars that are over at this instant. */
  tick(atMs: number): void
  /** Price of a currency in `quote`; undefined while it is not known. */
  priceOf(platform: string, currency: string): number | undefined
}

/** A position in a contract, valued in its settlement currency. */
export interface HeldContract {
  readonly symbol: string
  readonly currency: string
  /** Profit that is not taken yet at a price, in the settlement currency. */
  readonly profitAt: (price: number) => number
  /** Absolute value at a price, in the settlement currency. */
  readonly valueAt: (price: number) => number
}

/** Balances and positions of the clients of a platform. */
export interface Holdings {
  /** Totals by currency, without profits that are not taken yet. */
  readonly amounts: ReadonlyMap<string, number>
  readonly contracts: readonly HeldContract[]
}

/** Groups refusals by what they say, not by the numbers in them. */
export const refusalCode = (message: string): string =>
  (message.split(/[:,;]/)[0] ?? '')
    .replaceAll(/"[^"]*"/g, '…')
    .replaceAll(/-?\d[\d.eE+-]*/g, '…')
    .trim()
    .slice(0, 80)

/**
 * Records what the clients of one paper exchange do there: orders, refusals, fills with their fees,
 * funding, liquidations. It sees the exchange's own commands and events, so nothing that a client
 * has missed is missing.
 */
export class PlatformRecorder implements CommandObserver {
  private readonly accounts = new Set<string>()
  private readonly open = new Map<string, Written<LedgerOrder>>()
  private readonly mids = new Map<string, number>()
  private readonly specs: ReadonlyMap<string, SymbolSpec>
  /** Of inverse contracts: net contracts, and the price at which they count until they are flat. */
  private readonly inverse = new Map<string, { net: number; price: number }>()
  /** True where contracts are traded: coins are margin then, and no position of their own. */
  readonly hasContracts: boolean
  private mid: number | undefined
  private cached: Holdings | undefined
  /** Holdings before the first command of a client; undefined while there is no client. */
  startHoldings: Holdings | undefined

  constructor(
    readonly platform: string,
    private readonly exchange: Exchange,
    specs: readonly SymbolSpec[],
    private readonly delays: Delays,
    private readonly run: RunWriting,
  ) {
    this.specs = new Map(specs.map((spec) => [spec.symbol, spec]))
    this.hasContracts = specs.some(({ kind }) => kind !== 'spot')
  }

  /** Present holdings. */
  get holdings(): Holdings {
    return (this.cached ??= this.read())
  }

  /** Base and quote currency of a symbol. */
  currencies(symbol: string): readonly [base: string, quote: string] {
    const spec = this.specs.get(symbol)
    return spec === undefined ? currenciesOf(symbol) : [spec.base, spec.quote]
  }

  before(command: ExchangeCommand, atMs: number): void {
    this.run.tick(atMs)
    if (command.type !== 'place' || !this.accounts.has(command.account)) return
    const ticker = this.exchange.ticker(command.symbol)
    this.mid = ticker !== undefined && ticker.bid > 0 && ticker.ask > 0 ? (ticker.bid + ticker.ask) / 2 : undefined
  }

  after(command: ExchangeCommand, events: readonly ExchangeEvent[], atMs: number): void {
    if (command.type === 'open-account' && command.house !== true) {
      this.accounts.add(command.account)
      this.cached = undefined
      this.startHoldings ??= this.holdings
    }
    const placed = command.type === 'place' && this.accounts.has(command.account) ? command : undefined
    let isForced = false
    // An order's last status may come before its last fill.
    const statuses: OrderStatusEvent[] = []
    for (const event of events) {
      switch (event.type) {
        case 'accepted':
          if (placed !== undefined) this.accepted(placed, event.order_no, atMs)
          break
        case 'refused':
          if (placed !== undefined) this.refused(placed, event.message, atMs)
          break
        case 'order':
          statuses.push(event)
          break
        case 'fill':
          this.filled(event, isForced)
          break
        case 'liquidation':
          isForced = true
          this.cached = undefined
          break
        case 'deleveraging': {
          this.cached = undefined
          const { symbol, quantity, price, timestamp } = event
          const base = this.inBase(symbol, quantity, price)
          this.run.liquidations.push({ atMs: timestamp, platform: this.platform, symbol, quantity: base, price })
          break
        }
        case 'funding': {
          this.cached = undefined
          const { symbol, amount, currency, timestamp } = event
          const rate = currency === this.run.quote ? 1 : (this.run.priceOf(this.platform, currency) ?? 0)
          this.run.funding.push({ atMs: timestamp, platform: this.platform, symbol, amount: amount * rate })
          break
        }
        case 'assets':
        case 'position':
          this.cached = undefined
      }
    }
    for (const status of statuses) this.changed(status)
  }

  private orderOf({ symbol, action, order_type, price, quantity }: PlaceCommand, atMs: number): Written<LedgerOrder> {
    const isForMoney = order_type === 'MARKET' && action === 'BUY' && this.specs.get(symbol)?.kind === 'spot'
    return {
      platform: this.platform,
      symbol,
      side: action,
      type: order_type,
      price: price === 0 ? undefined : price,
      // A purchase at the market is for an amount of money: its quantity is known from its fills.
      quantity: isForMoney ? 0 : this.inBase(symbol, Math.abs(quantity), price),
      filled: 0,
      outcome: 'open',
      sentMs: atMs - this.delays.inMs,
    }
  }

  private accepted(command: PlaceCommand, orderNo: string, atMs: number): void {
    const order = this.orderOf(command, atMs)
    order.orderNo = orderNo
    order.acknowledgedMs = atMs + this.delays.outMs
    this.run.orders.push(order)
    this.open.set(`${command.symbol} ${orderNo}`, order)
    if (this.mid !== undefined) this.mids.set(`${command.symbol} ${orderNo}`, this.mid)
  }

  private refused(command: PlaceCommand, message: string, atMs: number): void {
    const order = this.orderOf(command, atMs)
    order.outcome = 'rejected'
    order.code = refusalCode(message)
    order.message = message
    order.acknowledgedMs = atMs + this.delays.outMs
    this.run.orders.push(order)
  }

  private changed({ account, data }: OrderStatusEvent): void {
    const key = `${data.symbol} ${data.order_no}`
    const order = this.open.get(key)
    if (order === undefined || !this.accounts.has(account)) return
    order.outcome = outcomeOf(data, order.filled)
    if (order.outcome === 'open') return
    if (order.quantity === 0) order.quantity = order.filled
    this.open.delete(key)
    this.mids.delete(key)
  }

  private filled({ account, data, fee, fee_currency }: FillEvent, isForced: boolean): void {
    if (!this.accounts.has(account)) return
    this.cached = undefined
    const { symbol, order_no, side, price, liquidity, ctime: atMs } = data
    const { platform, run } = this
    const quantity = this.inBase(symbol, data.quantity, price)
    this.follow(symbol, side === 'BUY' ? data.quantity : -data.quantity)
    const key = `${symbol} ${order_no}`
    const order = this.open.get(key)
    if (order !== undefined) order.filled += quantity
    if (isForced && order === undefined) run.liquidations.push({ atMs, platform, symbol, quantity, price })
    run.fills.push({
      atMs,
      platform,
      symbol,
      orderNo: order_no,
      side: side === 'BUY' ? 'BUY' : 'SELL',
      price,
      quantity,
      liquidity: liquidity === 'MAKER' ? 'MAKER' : liquidity === 'TAKER' ? 'TAKER' : undefined,
      fee,
      feeCurrency: fee_currency,
      feeInQuote: this.inQuote(symbol, price, fee, fee_currency),
      midWhenSent: this.mids.get(key),
    })
  }

  private inQuote(symbol: string, price: number, fee: number, currency: string): number | undefined {
    if (fee === 0) return 0
    const [base, quote] = this.currencies(symbol)
    if (currency === this.run.quote) return fee
    const rate = currency === base && quote === this.run.quote ? price : this.run.priceOf(this.platform, currency)
    return rate === undefined ? undefined : fee * rate
  }

  /**
   * Quantity in base currency. Inverse contracts count at the first price since they were flat:
   * what closes a position is then as much as what opened it.
   */
  private inBase(symbol: string, quantity: number, price: number): number {
    const spec = this.specs.get(symbol)
    if (spec === undefined || spec.kind === 'spot') return quantity
    const face = Number(spec.faceValue)
    if (spec.kind === 'linear') return Number((quantity * face).toPrecision(15))
    const held = this.inverse.get(symbol)
    const at = held === undefined || held.net === 0 ? price : held.price
    if (held?.net === 0) held.price = price
    else if (held === undefined) this.inverse.set(symbol, { net: 0, price })
    return at > 0 ? (quantity * face) / at : 0
  }

  private follow(symbol: string, change: number): void {
    const held = this.inverse.get(symbol)
    if (held !== undefined) held.net += change
  }

  private read(): Holdings {
    const amounts = new Map<string, number>()
    for (const { account, currency, free, locked } of this.exchange.exactBalances()) {
      if (!this.accounts.has(account)) continue
      amounts.set(currency, (amounts.get(currency) ?? 0) + Number(free) + Number(locked))
    }
    const contracts = [...this.accounts].flatMap((account) =>
      [...this.specs.values()].flatMap((spec) => this.contractsOf(account, spec)),
    )
    return { amounts, contracts }
  }

  private contractsOf(account: string, spec: SymbolSpec): readonly HeldContract[] {
    if (spec.kind === 'spot') return []
    const position = this.exchange.position(account, spec.symbol)
    if (position === undefined || (position.long_quantity === 0 && position.short_quantity === 0)) return []
    const face = Number(spec.faceValue)
    const [long, short] = [position.long_quantity * face, position.short_quantity * face]
    const [longPrice, shortPrice] = [position.long_hold_price ?? 0, position.short_hold_price ?? 0]
    const isLinear = spec.kind === 'linear'
    const part = (value: number, held: number, price: number): number =>
      value === 0 || held === 0 ? 0 : isLinear ? value * (price - held) : value * (1 / held - 1 / price)
    return [
      {
        symbol: spec.symbol,
        currency: isLinear ? spec.quote : spec.base,
        profitAt: (price) => part(long, longPrice, price) - part(short, shortPrice, price),
        valueAt: (price) => Math.abs(long - short) * (isLinear ? price : 1 / price),
      },
    ]
  }
}
