import type { Action, OrderType } from '../../protocol/index.js'
import type { Account } from '../accounts/account.js'
import type { Accounts } from '../accounts/accounts.js'
import type { Counters } from '../accounts/counters.js'
import type { Funding } from '../contracts/funding.js'
import type { Market } from '../matching/symbol-market.js'
import type { RestingOrder } from '../matching/order.js'
import type { Position, PositionSide } from '../contracts/position.js'
import type { Venue } from '../markets.js'

/** Money in the smallest units of its currency, as text: JSON has no integers of that size. */
export type UnitsText = string

/** Balance of an account in one currency. */
export interface WalletState {
  readonly currency: string
  readonly free: UnitsText
  readonly locked: UnitsText
}

/** An account of a stored exchange. */
export interface AccountState {
  readonly name: string
  readonly house: boolean
  readonly wallets: readonly WalletState[]
}

/** An open order, in ticks and lots. */
export interface ExchangeOrderState {
  readonly number: number
  readonly account: string
  readonly action: Action
  readonly type: OrderType
  readonly price: number
  readonly quantity: number
  readonly remain: number
  readonly status: 'SUBMITTED' | 'PARTIAL-FILLED' | 'FILLED' | 'CANCELED'
  readonly ctime: number
  readonly utime: number
  readonly wallCtime?: number
  readonly cid?: string
  readonly offset?: 'open' | 'close'
}

export interface SideState {
  readonly lots: number
  readonly frozen: number
  readonly cost: UnitsText
  readonly openCost: UnitsText
  /** Absent in states of 0.1. */
  readonly fineCost?: UnitsText
  readonly fineOpenCost?: UnitsText
  readonly margin: UnitsText
}

/** A position of a stored exchange. */
export interface PositionState {
  readonly account: string
  readonly long: SideState
  readonly short: SideState
  readonly utime: number
}

/** A symbol of a stored exchange: its orders, positions and recorded market. */
export interface MarketState {
  readonly symbol: string
  readonly last: number
  readonly shown: {
    readonly bid: number
    readonly ask: number
    readonly last: number
    readonly lastOffTick?: number | undefined
  }
  /** Of a recorded market; what is absent is as in a market that has told nothing. */
  readonly recorded?: {
    readonly isRecorded: boolean
    readonly hasRecordedBook: boolean
    readonly lastOffTick?: number
    readonly fraction: { readonly price: number; readonly lots: number }
    readonly takenBids: readonly (readonly [price: number, lots: number])[]
    readonly takenAsks: readonly (readonly [price: number, lots: number])[]
  }
  /**
   * By number: that is how they stand in the queue of their price, since an order is put at its end
   * when it is numbered and never moves.
   */
  readonly orders: readonly ExchangeOrderState[]
  /** Of contracts; in the order in which they are settled and liquidated. */
  readonly positions: readonly PositionState[]
}

/** All that an exchange is between two commands, as plain data. */
export interface ExchangeState {
  readonly nowMs: number
  readonly orders: number
  readonly trades: number
  readonly fundingMs: number
  readonly accounts: readonly AccountState[]
  readonly fees: readonly WalletState[]
  readonly insurance: readonly WalletState[]
  readonly deposited: readonly (readonly [currency: string, amount: UnitsText])[]
  readonly markets: readonly MarketState[]
}

/** Parts of an exchange that have state. */
export interface StatefulParts {
  readonly counters: Counters
  readonly accounts: Accounts
  readonly venue: Venue
  readonly funding: Funding
}

/** The state of an exchange between two commands. */
export const exportState = ({ counters, accounts, venue, funding }: StatefulParts): ExchangeState => ({
  nowMs: counters.nowMs,
  orders: counters.orders,
  trades: counters.trades,
  fundingMs: funding.nextMs,
  accounts: [...accounts.all()]
    .filter((account) => account !== accounts.fees && account !== accounts.insurance)
    .map((account) => ({ name: account.name, house: account.house, wallets: walletsOf(account) })),
  fees: walletsOf(accounts.fees),
  insurance: walletsOf(accounts.insurance),
  deposited: Array.from(accounts.deposited, ([currency, units]) => [currency, String(units)] as const),
  markets: Array.from(venue.markets.values(), (market) => ({
    symbol: market.instrument.symbol,
    last: market.last,
    shown: shownOf(market),
    ...recordedOf(market),
    orders: [...ordersIn(market)].sort((a, b) => a.number - b.number).map(orderState),
    positions: Array.from(venue.helds.get(market)?.positions ?? [], positionState),
  })),
})

const shownOf = ({ shown: { lastOffTick, ...shown } }: Market): MarketState['shown'] =>
  lastOffTick === undefined ? shown : { ...shown, lastOffTick }

const recordedOf = (market: Market): Pick<MarketState, 'recorded'> => {
  const { isRecorded, hasRecordedBook, lastOffTick, fraction, taken } = market
  if (!isRecorded && !hasRecordedBook) return {}
  return {
    recorded: {
      isRecorded,
      hasRecordedBook,
      ...(lastOffTick === undefined ? {} : { lastOffTick }),
      fraction,
      takenBids: [...taken.bids],
      takenAsks: [...taken.asks],
    },
  }
}

const walletsOf = ({ wallets }: Account): WalletState[] =>
  Array.from(wallets.values(), ({ currency, free, locked }) => ({
    currency,
    free: String(free),
    locked: String(locked),
  }))

function* ordersIn({ bids, asks }: Market): IterableIterator<RestingOrder> {
  for (const side of [bids, asks]) {
    for (const level of side.fromBest()) {
      for (let order = level.first; order !== undefined; order = order.behind) yield order
    }
  }
}

const orderState = (order: RestingOrder): ExchangeOrderState => {
  const { number, account, action, type, price, quantity, remain, status, ctime, utime, wallCtime, cid, offset } = order
  return {
    ...{ number, account: account.name, action, type, price, quantity, remain, status, ctime, utime },
    ...(wallCtime === undefined ? {} : { wallCtime }),
    ...(cid === undefined ? {} : { cid }),
    ...(offset === undefined ? {} : { offset }),
  }
}

const positionState = ([account, { long, short, utime }]: readonly [Account, Position]): PositionState => ({
  account: account.name,
  long: sideState(long),
  short: sideState(short),
  utime,
})

const sideState = ({ lots, frozen, cost, openCost, fineCost, fineOpenCost, margin }: PositionSide): SideState => ({
  lots,
  frozen,
  cost: String(cost),
  openCost: String(openCost),
  fineCost: String(fineCost),
  fineOpenCost: String(fineOpenCost),
  margin: String(margin),
})
