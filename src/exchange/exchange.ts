import type { Assets, CancelResult, OpenOrder, OrderBook, PositionData, SymbolInfo, Ticker } from '../protocol/index.js'
import type { Account, BalanceView } from './accounts/account.js'
import { Accounts } from './accounts/accounts.js'
import { admit, quoted } from './matching/validate-order.js'
import { audit } from './state/audit.js'
import type { CancelCommand, ExchangeCommand, PlaceCommand, SetBackCommand } from './command.js'
import { Counters } from './accounts/counters.js'
import { formatUnits } from './numbers/decimal.js'
import type { ExchangeEvent } from './event.js'
import { type ExchangeState, exportState } from './state/export-state.js'
import { House } from './market-maker/market-maker.js'
import { RecordedTape } from './market-maker/recorded-tape.js'
import { Liquidation } from './contracts/liquidation.js'
import { Funding } from './contracts/funding.js'
import type { Market } from './matching/symbol-market.js'
import { Matching } from './matching/matching.js'
import { Report } from './event-collector.js'
import { restoreState } from './state/restore-state.js'
import { type SelfTrade, selfTradeOf } from './matching/self-trade.js'
import { PLATFORMS, type SymbolSpec } from './symbols.js'
import { currencyDecimals, makeVenue, type Venue } from './markets.js'

/** Options of an exchange. */
export interface ExchangeOptions {
  readonly platform: string
  /** @default those that PLATFORMS has for the platform */
  readonly symbols?: readonly SymbolSpec[]
  /**
   * Comes before the count in every order_no and fill_no, so that those of one life of the exchange
   * are not taken for those of another.
   *
   * @default ''
   */
  readonly idPrefix?: string
  /**
   * Action when an order would trade with one of its own account. A market maker account stands for
   * many traders and trades with itself.
   *
   * @default the rule of the platform: see `selfTradeOf`
   */
  readonly selfTrade?: SelfTrade
  /**
   * Open orders of one account, house accounts apart; beyond that its LIMIT orders are refused.
   * @default Infinity
   */
  readonly mostOpenOrders?: number
  /**
   * Result of {@link Exchange.state} of an exchange of the same symbols and idPrefix, which this
   * one continues. createExchange throws a RangeError if the state does not fit or does not add up.
   *
   * @default none: empty books and no accounts
   */
  readonly state?: ExchangeState
}

/** A balance to the last digit, as decimal text. */
export interface ExactBalance {
  readonly account: string
  readonly currency: string
  readonly free: string
  readonly locked: string
}

/**
 * A paper exchange: a state machine without clock, randomness or floating point inside. The same
 * commands at the same times give the same events, byte for byte. Queries change nothing.
 *
 * A resting order takes about 190 bytes, its share of the book and of the account's list included
 * (`npm run bench -- exchange` measures it, and orders per second beside another order book).
 */
export interface Exchange {
  readonly platform: string
  /**
   * Carries out a command at a time in ms since 1970 and returns its events, in order. Time never
   * goes back: an earlier time counts as the latest seen, except for `valid_until`. Never throws on
   * the content of a command: a wrong one is `refused`.
   *
   * @param timeMs - market time, the timestamp of all events
   * @param wallMs - time by the wall clock, to which `valid_until` refers. Orders that are placed
   * more than a second off market time carry it as `wall_ctime`. The default is `timeMs`
   */
  apply(command: ExchangeCommand, timeMs: number, wallMs?: number): readonly ExchangeEvent[]
  readonly symbols: readonly string[]
  hasAccount(account: string): boolean
  /** Number of opened accounts. */
  readonly accountCount: number
  symbolInfo(symbol: string): SymbolInfo | undefined
  /** The account's open orders of a symbol, oldest first. */
  openOrders(account: string, symbol: string): readonly OpenOrder[]
  /** All balances of the account. */
  assets(account: string): Assets
  /**
   * The account's position in a contract, as it stands at the present mark price; undefined on
   * spot.
   */
  position(account: string, symbol: string): PositionData | undefined
  /** The best `levels` prices of each side. */
  depth(symbol: string, levels: number): OrderBook | undefined
  ticker(symbol: string): Ticker | undefined
  /**
   * All balances, to the last digit; that of the fees is called `fees`, that of the insurance fund
   * `insurance`, and house accounts are among them. Of a currency that carries margin it is what
   * the balance is without profits not taken yet; locked is what orders lock.
   */
  exactBalances(): readonly ExactBalance[]
  /**
   * Invariants that do not hold, in words: always empty, or the exchange has a fault. Walks
   * everything: for tests and health checks.
   */
  audit(): readonly string[]
  /** All that it is, as plain data for JSON: for a snapshot. See {@link ExchangeOptions.state}. */
  state(): ExchangeState
}

/** Makes a paper exchange. */
export function createExchange(options: ExchangeOptions): Exchange {
  return new PaperExchange(options)
}

class PaperExchange implements Exchange {
  readonly platform: string
  readonly symbols: readonly string[]
  private readonly decimals: ReadonlyMap<string, number>
  private readonly report = new Report()
  private readonly counters: Counters
  private readonly accounts: Accounts
  private readonly matching: Matching
  private readonly house: House
  private readonly tape: RecordedTape
  private readonly venue: Venue
  private readonly liquidation: Liquidation
  private readonly funding: Funding
  private readonly mostOpenOrders: number

  constructor({
    platform,
    symbols = PLATFORMS.get(platform),
    idPrefix = '',
    selfTrade = selfTradeOf(platform),
    mostOpenOrders = Infinity,
    state,
  }: ExchangeOptions) {
    if (symbols === undefined) {
      throw new RangeError(
        `no symbols are known for platform ${platform}: pass them, or use ${[...PLATFORMS.keys()].join(', ')}`,
      )
    }
    this.platform = platform
    this.mostOpenOrders = mostOpenOrders
    this.decimals = currencyDecimals(symbols)
    this.counters = new Counters(idPrefix)
    const views = new Map<string, BalanceView>()
    this.accounts = new Accounts(platform, this.decimals, views, this.report)
    this.matching = new Matching(this.counters, this.report, selfTrade)
    this.house = new House(this.matching, this.report)
    this.tape = new RecordedTape(this.matching, this.report, this.counters)
    const { decimals, counters, report, matching, accounts } = this
    const { fees, insurance } = accounts
    this.venue = makeVenue(symbols, { decimals, views, fees, report, counters })
    const { settlements } = this.venue
    this.liquidation = new Liquidation(settlements, matching, counters, report, insurance)
    this.funding = new Funding(settlements, report, insurance)
    this.symbols = [...this.venue.markets.keys()]
    if (state === undefined) return
    restoreState({ counters, accounts, venue: this.venue, funding: this.funding }, state)
    const faults = this.audit()
    if (faults.length > 0) throw new RangeError(`the state of ${platform} does not add up: ${faults.join('; ')}`)
  }

  apply(command: ExchangeCommand, timeMs: number, wallMs = timeMs): readonly ExchangeEvent[] {
    const { counters, report, venue } = this
    if (timeMs > counters.nowMs) counters.nowMs = timeMs
    counters.wallMs = wallMs
    const { groups, helds } = venue
    if (groups.size > 0) {
      this.funding.run(groups.values(), counters.nowMs)
      if (report.hasChanges) for (const group of groups.values()) this.liquidation.run(group)
    }
    const refusal = this.dispatch(command)
    if (refusal !== undefined) {
      const ref = 'ref' in command ? command.ref : undefined
      report.add({ type: 'refused', account: command.account, ref, message: refusal })
    }
    if (groups.size > 0) {
      const moved = new Set(Array.from(report.changedMarkets, (market) => helds.get(market)?.group))
      for (const group of moved) if (group !== undefined) this.liquidation.run(group)
    }
    return report.end(counters.nowMs)
  }

  /** Carries out a command, or returns the reason for refusing it. */
  private dispatch(command: ExchangeCommand): string | undefined {
    if (command.type === 'open-account') return this.accounts.open(command)
    const account = this.accounts.get(command.account)
    if (account === undefined) return `no such account: ${command.account}`
    if (command.type === 'deposit') return this.accounts.deposit(account, command)
    if (command.type === 'set-back') return this.setBack(account, command)
    const market = this.venue.markets.get(command.symbol)
    if (market === undefined) return this.unknownSymbol(command.symbol)
    switch (command.type) {
      case 'place':
        return this.place(account, market, command)
      case 'cancel':
        return this.cancel(account, market, command)
    }
    if (!account.house) return noHouse(account)
    switch (command.type) {
      case 'quote':
        return this.house.quote(account, market, command)
      case 'levels':
        return this.house.levels(account, market, command)
      case 'take':
        return this.house.take(account, market, command)
      case 'trade':
        return this.tape.trade(account, market, command)
    }
  }

  private place(account: Account, market: Market, command: PlaceCommand): string | undefined {
    const { ref, valid_until } = command
    // Not the latest time seen: where the clock was an hour ahead and is set right, orders would be
    // late for an hour.
    const { wallMs } = this.counters
    if (valid_until !== undefined && !(wallMs <= valid_until)) {
      return `the order was valid until ${valid_until} and reached the exchange at ${wallMs}`
    }
    if (account.openOrders >= this.mostOpenOrders && command.order_type === 'LIMIT' && !account.house) {
      return `${this.mostOpenOrders} orders are open, and no more are allowed: cancel some`
    }
    const terms = admit(command, market.instrument, account.house)
    if (typeof terms === 'string') return terms
    return this.matching.accept(this.matching.order(account, terms, market), market, ref)
  }

  private setBack(account: Account, { timestamp }: SetBackCommand): string | undefined {
    if (!account.house) return noHouse(account)
    if (!Number.isFinite(timestamp)) return `timestamp ${timestamp} is not a time`
    const { counters, funding } = this
    if (timestamp >= counters.nowMs) return undefined
    counters.nowMs = timestamp
    funding.begin(timestamp)
    return undefined
  }

  private cancel(account: Account, market: Market, { order_nos, ref }: CancelCommand): string | undefined {
    const nos = order_nos.length > 0 ? order_nos : market.open.of(account).map((order) => order.no)
    const results = nos.map((order_no) => this.cancelOne(account, market, order_no))
    if (!account.house) this.report.add({ type: 'cancel-results', account: account.name, ref, results })
    return undefined
  }

  private cancelOne(account: Account, market: Market, order_no: string): CancelResult {
    const order = market.open.get(this.counters.numberIn(order_no))
    if (order?.account !== account) {
      const error_message = `no open order ${order_no} of ${market.instrument.symbol}: unknown, filled or cancelled`
      return { order_no, result: false, error_message }
    }
    this.matching.cancel(order, market)
    return { order_no, result: true, error_message: '' }
  }

  private unknownSymbol(symbol: string): string {
    return `unknown symbol ${quoted(symbol)}: ${this.platform} has ${this.symbols.join(', ')}`
  }

  hasAccount(account: string): boolean {
    return this.accounts.get(account) !== undefined
  }

  get accountCount(): number {
    return this.accounts.count
  }

  symbolInfo(symbol: string): SymbolInfo | undefined {
    return this.venue.markets.get(symbol)?.instrument.info
  }

  openOrders(account: string, symbol: string): readonly OpenOrder[] {
    const owner = this.accounts.get(account)
    const market = this.venue.markets.get(symbol)
    if (owner === undefined || market === undefined) return []
    const list = () =>
      market.open.of(owner).map((order) => {
        const { symbol: _symbol, ...rest } = order.notice()
        return rest
      })
    // The quotes of a house account shrink without a time of change.
    return owner.house ? list() : (market.open.known(owner)?.show(list) ?? [])
  }

  assets(account: string): Assets {
    return this.accounts.get(account)?.assets() ?? {}
  }

  position(account: string, symbol: string): PositionData | undefined {
    const owner = this.accounts.get(account)
    const market = this.venue.markets.get(symbol)
    const held = market && this.venue.helds.get(market)
    return owner && held && held.group.notice(held, owner)
  }

  depth(symbol: string, levels: number): OrderBook | undefined {
    return this.venue.markets.get(symbol)?.depth(levels, this.counters.nowMs)
  }

  ticker(symbol: string): Ticker | undefined {
    return this.venue.markets.get(symbol)?.ticker(this.counters.nowMs)
  }

  exactBalances(): readonly ExactBalance[] {
    return Array.from(this.accounts.all()).flatMap((account) =>
      Array.from(account.wallets.values(), ({ currency, free, locked, decimals }) => ({
        account: account.name,
        currency,
        free: formatUnits(free, decimals),
        locked: formatUnits(locked, decimals),
      })),
    )
  }

  audit(): readonly string[] {
    return audit(this.accounts, this.venue, this.decimals)
  }

  state(): ExchangeState {
    const { counters, accounts, venue, funding } = this
    return exportState({ counters, accounts, venue, funding })
  }
}

const noHouse = ({ name }: Account): string => `${name} is no house account`
