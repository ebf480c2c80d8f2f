import type { Action, Assets, CancelResult, OpenOrder, OrderBook, SymbolInfo, Ticker } from '../protocol/index.js'
import { Account, type Wallet } from './account.js'
import { admit } from './admission.js'
import type { Cancel, Command, Deposit, OpenAccount, Place, Quote, Take } from './command.js'
import { formatUnits, parseUnits, unitsToNumber } from './decimal.js'
import type { ExchangeEvent } from './event.js'
import { currencyDecimals, Instrument } from './instrument.js'
import { Market } from './market.js'
import { RestingOrder } from './order.js'
import { type Fee, SpotSettlement } from './spot.js'
import { PLATFORMS, type SymbolSpec } from './symbols.js'

/** How an exchange is made. */
export interface ExchangeOptions {
  readonly platform: string
  /** @default those that PLATFORMS has for the platform */
  readonly symbols?: readonly SymbolSpec[]
  /**
   * Comes before the count in every order_no and fill_no, so that those of one life of the exchange are not taken for those of another.
   *
   * @default ''
   */
  readonly idPrefix?: string
}

/** A balance to the last digit, as decimal text. */
export interface ExactBalance {
  readonly account: string
  readonly currency: string
  readonly free: string
  readonly locked: string
}

/**
 * A paper exchange: a state machine without clock, randomness or floating point inside. The same commands at the same times
 * give the same events, byte for byte. Queries change nothing.
 */
export interface Exchange {
  readonly platform: string
  /**
   * Carries out a command at a time in ms since 1970 (time never goes back: an earlier one counts as the latest seen) and
   * tells what happened, in order. Never throws on what a command says: a wrong one is `refused`.
   */
  apply(command: Command, timeMs: number): readonly ExchangeEvent[]
  readonly symbols: readonly string[]
  hasAccount(account: string): boolean
  symbolInfo(symbol: string): SymbolInfo | undefined
  /** The account's open orders of a symbol, oldest first. */
  openOrders(account: string, symbol: string): readonly OpenOrder[]
  /** All balances of the account. */
  assets(account: string): Assets
  /** The best `levels` prices of each side. */
  depth(symbol: string, levels: number): OrderBook | undefined
  ticker(symbol: string): Ticker | undefined
  /** All balances, to the last digit; the fee account is called `fees`, and house accounts are among them. */
  exactBalances(): readonly ExactBalance[]
  /** Invariants that do not hold, in words: always empty, or the exchange has a fault. Walks everything: for tests and health checks. */
  audit(): readonly string[]
}

/** Makes a paper exchange with empty books and no accounts. */
export function createExchange(options: ExchangeOptions): Exchange {
  return new PaperExchange(options)
}

/** The account that collects fees. It is not among those that a command can name. */
const FEES = 'fees'

class PaperExchange implements Exchange {
  readonly platform: string
  readonly symbols: readonly string[]
  private readonly decimals: ReadonlyMap<string, number>
  private readonly markets = new Map<string, Market>()
  private readonly accounts = new Map<string, Account>()
  private readonly fees: Account
  private readonly deposited = new Map<string, bigint>()
  private readonly idPrefix: string
  private orderCount = 0
  private fillCount = 0
  private now = 0
  private events: ExchangeEvent[] = []
  private readonly changedAccounts: Account[] = []
  private changedMarket: Market | undefined = undefined

  constructor({ platform, symbols = PLATFORMS.get(platform), idPrefix = '' }: ExchangeOptions) {
    if (symbols === undefined) {
      throw new RangeError(
        `no symbols are known for platform ${platform}: pass them, or use ${[...PLATFORMS.keys()].join(', ')}`,
      )
    }
    this.platform = platform
    this.idPrefix = idPrefix
    this.decimals = currencyDecimals(symbols)
    this.fees = new Account(FEES, true, this.decimals)
    for (const spec of symbols) {
      const instrument = new Instrument(spec, this.decimals)
      const settlement = new SpotSettlement(instrument, this.fees, (account, wallet) => this.touch(account, wallet))
      this.markets.set(spec.symbol, new Market(instrument, settlement))
    }
    this.symbols = [...this.markets.keys()]
  }

  apply(command: Command, timeMs: number): readonly ExchangeEvent[] {
    if (timeMs > this.now) this.now = timeMs
    this.events = []
    const refusal = this.dispatch(command)
    if (refusal !== undefined) {
      const ref = 'ref' in command ? command.ref : undefined
      this.events.push({ type: 'refused', account: command.account, ref, message: refusal })
    }
    this.tellChanges()
    return this.events
  }

  /** Each command's handler says in words why it changed nothing, or undefined. */
  private dispatch(command: Command): string | undefined {
    switch (command.type) {
      case 'place':
        return this.place(command)
      case 'cancel':
        return this.cancel(command)
      case 'quote':
        return this.quote(command)
      case 'take':
        return this.take(command)
      case 'deposit':
        return this.deposit(command)
      case 'open-account':
        return this.openAccount(command)
    }
  }

  // ── accounts ──

  private openAccount({ account: name, deposits = {}, house = false }: OpenAccount): string | undefined {
    if (this.accounts.has(name) || name === FEES) return `account ${name} exists already`
    const amounts: [string, bigint][] = []
    for (const [currency, amount] of Object.entries(deposits)) {
      const units = this.units(currency, amount)
      if (typeof units === 'string') return units
      if (units < 0n) return `a first deposit must not be negative: ${amount} ${currency}`
      amounts.push([currency, units])
    }
    const account = new Account(name, house, this.decimals)
    this.accounts.set(name, account)
    for (const [currency, units] of amounts) this.credit(account, currency, units)
    return undefined
  }

  private deposit({ account: name, currency, amount }: Deposit): string | undefined {
    const account = this.accounts.get(name)
    if (account === undefined) return `no such account: ${name}`
    const units = this.units(currency, amount)
    if (typeof units === 'string') return units
    const { free, decimals } = account.wallet(currency)
    if (free + units < 0n && !account.house) {
      return `insufficient balance: free is ${formatUnits(free, decimals)} ${currency}`
    }
    this.credit(account, currency, units)
    return undefined
  }

  private credit(account: Account, currency: string, units: bigint): void {
    const wallet = account.wallet(currency)
    wallet.free += units
    this.deposited.set(currency, (this.deposited.get(currency) ?? 0n) + units)
    this.touch(account, wallet)
  }

  private units(currency: string, amount: string | number): bigint | string {
    const decimals = this.decimals.get(currency)
    if (decimals === undefined)
      return `unknown currency ${currency}: ${this.platform} has ${[...this.decimals.keys()].join(', ')}`
    return (
      parseUnits(String(amount), decimals) ??
      `amount ${amount} ${currency} is not a decimal of at most ${decimals} places`
    )
  }

  // ── orders ──

  private place(command: Place): string | undefined {
    const { account: name, ref, symbol, valid_until } = command
    const account = this.accounts.get(name)
    if (account === undefined) return `no such account: ${name}`
    const market = this.markets.get(symbol)
    if (market === undefined) return this.unknownSymbol(symbol)
    if (valid_until !== undefined && !(this.now <= valid_until)) {
      return `the order was valid until ${valid_until} and reached the exchange at ${this.now}`
    }
    const admitted = admit(command, market.instrument, account.house)
    if (typeof admitted === 'string') return admitted
    const order = this.makeOrder(account, market, command.action, command.order_type, admitted, command.cid)
    const refusal = market.settlement.reserve(order)
    if (refusal !== undefined) return refusal
    this.orderCount++
    if (!account.house) this.events.push({ type: 'accepted', account: name, ref, order_no: order.no })
    this.enter(order, market)
    return undefined
  }

  private makeOrder(
    account: Account,
    { instrument }: Market,
    action: Action,
    type: Place['order_type'],
    { price, lots, budget }: { price: number; lots: number; budget: bigint },
    cid?: string,
  ): RestingOrder {
    const no = `${this.idPrefix}${this.orderCount + 1}`
    return new RestingOrder(no, account, instrument, action, type, price, lots, budget, this.now, cid)
  }

  /** Lets an order whose funds are locked trade, and rest or end. */
  private enter(order: RestingOrder, market: Market): void {
    this.tellOrder(order)
    const bookEnded = this.match(order, market)
    if (order.byAmount ? !bookEnded && order.budget !== order.spend : order.remain === 0) {
      // A MARKET BUY is filled when what is left of its amount buys no whole lot; the rest goes back.
      market.settlement.release(order)
      order.status = 'FILLED'
      this.tellOrder(order)
    } else if (order.type === 'LIMIT') {
      if (order.remain !== order.quantity) {
        order.status = 'PARTIAL-FILLED'
        this.tellOrder(order)
      }
      market.rest(order)
      this.changedMarket = market
    } else {
      market.settlement.release(order)
      order.status = 'CANCELED'
      this.tellOrder(order)
    }
  }

  /** Trades an order with the other side, best price first and oldest order first. True when it ended for want of orders. */
  private match(taker: RestingOrder, market: Market): boolean {
    const opposite = market.opposite(taker)
    while (taker.byAmount || taker.remain > 0) {
      const level = opposite.best
      if (level === undefined) return taker.budget > 0n || taker.remain > 0
      if (taker.type !== 'MARKET' && (taker.buys ? level.price > taker.price : level.price < taker.price)) return false
      const maker = level.first
      // A level without orders is not in the book.
      if (maker === undefined) return false
      const lots = taker.byAmount
        ? market.instrument.affordable(taker.budget, level.price, maker.remain)
        : Math.min(taker.remain, maker.remain)
      if (lots === 0) return false
      this.trade(maker, taker, lots, market)
    }
    return false
  }

  private trade(maker: RestingOrder, taker: RestingOrder, lots: number, market: Market): void {
    const { instrument, settlement } = market
    const { price } = maker
    const buyerMakes = maker.buys
    const [buyerFee, sellerFee] = settlement.trade(
      buyerMakes ? maker : taker,
      buyerMakes ? taker : maker,
      price,
      lots,
      buyerMakes,
    )
    const side = market.side(maker)
    side.reduce(maker, lots)
    if (taker.byAmount) taker.budget -= instrument.value(price, lots)
    else taker.remain -= lots
    market.last = price
    this.changedMarket = market
    maker.status = maker.remain === 0 ? 'FILLED' : 'PARTIAL-FILLED'
    maker.utime = taker.utime = this.now
    if (maker.remain === 0) {
      market.remove(maker)
    }
    const fillNo = `${this.idPrefix}${++this.fillCount}`
    this.events.push({
      type: 'trade',
      data: {
        symbol: instrument.symbol,
        action: taker.action,
        price: instrument.price.value(price),
        quantity: instrument.size.value(lots),
        timestamp: this.now,
      },
    })
    this.tellFill(maker, fillNo, price, lots, 'MAKER', buyerMakes ? buyerFee : sellerFee)
    this.tellOrder(maker)
    this.tellFill(taker, fillNo, price, lots, 'TAKER', buyerMakes ? sellerFee : buyerFee)
  }

  private cancel({ account: name, ref, symbol, order_nos }: Cancel): string | undefined {
    const account = this.accounts.get(name)
    if (account === undefined) return `no such account: ${name}`
    const market = this.markets.get(symbol)
    if (market === undefined) return this.unknownSymbol(symbol)
    const nos = order_nos.length > 0 ? order_nos : market.ordersOf(account).map((order) => order.no)
    const results = nos.map((order_no): CancelResult => {
      const order = market.order(account, order_no)
      if (order === undefined) {
        return {
          order_no,
          result: false,
          error_message: `no open order ${order_no} of ${symbol}: unknown, filled or cancelled`,
        }
      }
      this.end(order, market)
      return { order_no, result: true, error_message: '' }
    })
    if (!account.house) this.events.push({ type: 'cancel-results', account: name, ref, results })
    return undefined
  }

  /** Takes an open order out of the book and gives back what it locks. */
  private end(order: RestingOrder, market: Market): void {
    market.remove(order)
    market.settlement.release(order)
    order.status = 'CANCELED'
    order.utime = this.now
    this.changedMarket = market
    this.tellOrder(order)
  }

  // ── the house ──

  private quote({ account: name, symbol, bids, asks }: Quote): string | undefined {
    const account = this.accounts.get(name)
    if (account?.house !== true) return `no such house account: ${name}`
    const market = this.markets.get(symbol)
    if (market === undefined) return this.unknownSymbol(symbol)
    const wantedBids = bids && this.wanted(bids, market, (price) => market.instrument.price.stepsDown(price))
    const wantedAsks = asks && this.wanted(asks, market, (price) => market.instrument.price.stepsUp(price))
    const bid = Math.max(0, ...(wantedBids?.keys() ?? []))
    const ask = Math.min(Infinity, ...(wantedAsks?.keys() ?? []))
    if (bid >= ask) return `the quote of ${symbol} crosses itself: bid ${bid} and ask ${ask} ticks`
    // What goes, goes first: a quote that has moved must not trade with what it leaves behind.
    for (const order of market.ordersOf(account)) {
      const wanted = order.buys ? wantedBids : wantedAsks
      if (wanted !== undefined) this.keep(order, wanted, market)
      else if (order.buys ? order.price >= ask : order.price <= bid) this.end(order, market)
    }
    for (const [action, wanted] of [
      ['BUY', wantedBids],
      ['SELL', wantedAsks],
    ] as const) {
      for (const [price, lots] of wanted ?? []) {
        if (lots === 0) continue
        const order = this.makeOrder(account, market, action, 'LIMIT', { price, lots, budget: 0n })
        this.orderCount++
        this.enter(order, market)
      }
    }
    return undefined
  }

  /** Lots by ticks. What is not a price or rounds to no lot is left out. */
  private wanted(
    rows: NonNullable<Quote['bids']>,
    { instrument }: Market,
    ticksOf: (price: number) => number,
  ): Map<number, number> {
    const wanted = new Map<number, number>()
    for (const [price, quantity] of rows) {
      const ticks = ticksOf(price)
      const lots = instrument.size.stepsDown(quantity)
      if (!Number.isSafeInteger(ticks) || ticks <= 0 || !(lots > 0)) continue
      wanted.set(ticks, Math.min(instrument.maxLots, (wanted.get(ticks) ?? 0) + lots))
    }
    return wanted
  }

  /** Keeps of a quoted order what is still wanted at its price, in its place, and takes that off the wish. */
  private keep(order: RestingOrder, wanted: Map<number, number>, market: Market): void {
    const lots = wanted.get(order.price) ?? 0
    if (lots === 0) {
      this.end(order, market)
      return
    }
    wanted.set(order.price, Math.max(0, lots - order.remain))
    const surplus = order.remain - lots
    if (surplus <= 0) return
    order.quantity -= surplus
    market.side(order).reduce(order, surplus)
    this.changedMarket = market
  }

  private take({ account: name, symbol, action, price, quantity }: Take): string | undefined {
    const account = this.accounts.get(name)
    if (account?.house !== true) return `no such house account: ${name}`
    const market = this.markets.get(symbol)
    if (market === undefined) return this.unknownSymbol(symbol)
    const { instrument } = market
    const ticks = action === 'BUY' ? instrument.price.stepsUp(price) : instrument.price.stepsDown(price)
    const lots = Math.min(instrument.maxLots, instrument.size.stepsDown(quantity))
    if (!Number.isSafeInteger(ticks) || ticks <= 0) return `price ${price} is not a price`
    if (!(lots > 0)) return `quantity ${quantity} is less than one size tick, ${instrument.size.text}`
    const order = this.makeOrder(account, market, action, 'IOC', { price: ticks, lots, budget: 0n })
    this.orderCount++
    this.enter(order, market)
    return undefined
  }

  // ── what is told ──

  private tellOrder(order: RestingOrder): void {
    if (!order.account.house) this.events.push({ type: 'order', account: order.account.name, data: order.notice() })
  }

  private tellFill(
    order: RestingOrder,
    fillNo: string,
    price: number,
    lots: number,
    liquidity: string,
    fee: Fee,
  ): void {
    const { account, instrument } = order
    if (account.house) return
    this.events.push({
      type: 'fill',
      account: account.name,
      data: {
        symbol: instrument.symbol,
        order_no: order.no,
        fill_no: fillNo,
        price: instrument.price.value(price),
        quantity: instrument.size.value(lots),
        side: order.action,
        liquidity,
        ctime: this.now,
      },
      fee: unitsToNumber(fee.units, fee.wallet.decimals),
      fee_currency: fee.wallet.currency,
    })
  }

  private touch(account: Account, wallet: Wallet): void {
    if (account.house || wallet.touched) return
    wallet.touched = true
    if (account.changed.length === 0) this.changedAccounts.push(account)
    account.changed.push(wallet)
  }

  private tellChanges(): void {
    for (const account of this.changedAccounts) {
      this.events.push({ type: 'assets', account: account.name, data: account.assets(account.changed) })
      for (const wallet of account.changed) wallet.touched = false
      account.changed.length = 0
    }
    this.changedAccounts.length = 0
    const market = this.changedMarket
    if (market === undefined) return
    this.changedMarket = undefined
    if (market.tickerChanged()) this.events.push({ type: 'ticker', data: market.ticker(this.now) })
    this.events.push({ type: 'book', symbol: market.instrument.symbol, timestamp: this.now })
  }

  private unknownSymbol(symbol: string): string {
    return `unknown symbol ${JSON.stringify(symbol.slice(0, 40))}: ${this.platform} has ${this.symbols.join(', ')}`
  }

  // ── queries ──

  hasAccount(account: string): boolean {
    return this.accounts.has(account)
  }

  symbolInfo(symbol: string): SymbolInfo | undefined {
    return this.markets.get(symbol)?.instrument.info
  }

  openOrders(account: string, symbol: string): readonly OpenOrder[] {
    const owner = this.accounts.get(account)
    const market = this.markets.get(symbol)
    if (owner === undefined || market === undefined) return []
    return market.ordersOf(owner).map((order) => {
      const { symbol: _symbol, ...rest } = order.notice()
      return rest
    })
  }

  assets(account: string): Assets {
    return this.accounts.get(account)?.assets() ?? {}
  }

  depth(symbol: string, levels: number): OrderBook | undefined {
    return this.markets.get(symbol)?.depth(levels, this.now)
  }

  ticker(symbol: string): Ticker | undefined {
    return this.markets.get(symbol)?.ticker(this.now)
  }

  exactBalances(): readonly ExactBalance[] {
    return [...this.accounts.values(), this.fees].flatMap((account) =>
      Array.from(account.wallets.values(), ({ currency, free, locked, decimals }) => ({
        account: account.name,
        currency,
        free: formatUnits(free, decimals),
        locked: formatUnits(locked, decimals),
      })),
    )
  }

  audit(): readonly string[] {
    return []
  }
}
