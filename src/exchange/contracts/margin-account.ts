import type { PositionData } from '../../protocol/index.js'
import type { Account, BalanceView } from '../accounts/account.js'
import type { Contract } from './contract.js'
import { unitsToNumber } from '../numbers/decimal.js'
import { liquidationPrice } from './liquidation-price.js'
import type { Market } from '../matching/symbol-market.js'
import { Position, type PositionSide } from './position.js'

/** One contract and who holds what of it. */
export interface Held {
  readonly contract: Contract
  readonly market: Market
  readonly positions: Map<Account, Position>
  readonly group: MarginAccount
}

/**
 * All contracts that are settled in one currency, and what accounts have at stake there.
 *
 * equity = balance + unrealised profit of crossed positions, at the mark price. Profit and loss of
 * an order's opening are in the position's cost, so the balance changes by fees, closing, funding
 * and settlement alone. An order may be placed while available = balance − margins of positions −
 * margins of orders + unrealised loss covers its margin and fee: losses not taken yet count,
 * profits not taken yet do not.
 */
export class MarginAccount {
  readonly held: Held[] = []

  constructor(
    readonly currency: string,
    private readonly decimals: number,
  ) {}

  /** The account's position, made if there is none yet. */
  position({ positions }: Held, account: Account): Position {
    let position = positions.get(account)
    if (position === undefined) positions.set(account, (position = new Position()))
    return position
  }

  /** Balance and unrealised profit of crossed positions. */
  equity(account: Account): bigint {
    return BigInt(account.wallet(this.currency).total) + this.unrealised(account)
  }

  /**
   * Maintenance requirement of crossed positions. Orders do not count: they are cancelled before a
   * position is touched.
   */
  maintenance(account: Account): bigint {
    let sum = 0n
    for (const held of this.held) {
      if (held.contract.crossed) sum += this.positionMaintenance(held, account)
    }
    return sum
  }

  /** Margin available to new orders; below 0 when losses have consumed margins. */
  available(account: Account): bigint {
    const unrealised = this.unrealised(account)
    const free = BigInt(account.wallet(this.currency).free) - this.positionMargins(account)
    return unrealised < 0n ? free + unrealised : free
  }

  /**
   * Balances as a client should see them. What is not free counts as locked: margins, what orders
   * lock, and profits that are not taken yet.
   */
  balance(account: Account): ReturnType<BalanceView> {
    if (account.house) return account.wallet(this.currency)
    const available = this.available(account)
    const free = available > 0n ? available : 0n
    const total = this.equity(account) + this.fixedMargins(account) + this.fixedUnrealised(account)
    return { free, locked: total - free, total }
  }

  /** Of one side, at the mark price. */
  profit({ contract, market }: Held, side: PositionSide): bigint {
    if (side.lots === 0) return 0n
    return contract.profit(side.long, side.cost, contract.value(market.mark(), side.lots))
  }

  /** The margin of a side at the mark price. */
  sideMargin({ contract, market }: Held, side: PositionSide): bigint {
    return side.lots === 0 ? 0n : contract.margin(contract.value(market.mark(), side.lots))
  }

  /** The position as its notice tells it. */
  notice(held: Held, account: Account): PositionData {
    const { contract } = held
    const position = held.positions.get(account) ?? new Position()
    const long = this.sideNotice(held, account, position, position.long)
    const short = this.sideNotice(held, account, position, position.short)
    return {
      margin_mode: contract.crossed ? 'crossed' : 'fixed',
      long_quantity: long.quantity,
      long_avail_qty: long.available,
      long_open_price: long.openPrice,
      long_hold_price: long.holdPrice,
      long_liquid_price: long.liquidPrice,
      long_unrealised_pnl: long.unrealised,
      long_leverage: Number(contract.leverage),
      long_margin: long.margin,
      short_quantity: short.quantity,
      short_avail_qty: short.available,
      short_open_price: short.openPrice,
      short_hold_price: short.holdPrice,
      short_liquid_price: short.liquidPrice,
      short_unrealised_pnl: short.unrealised,
      short_leverage: Number(contract.leverage),
      short_margin: short.margin,
      utime: position.utime,
    }
  }

  private sideNotice(held: Held, account: Account, position: Position, side: PositionSide) {
    const { contract } = held
    const { lots, frozen, fineCost, fineOpenCost } = side
    return {
      quantity: contract.size.value(lots),
      available: contract.size.value(lots - frozen),
      openPrice: contract.fineAverage(lots, fineOpenCost),
      holdPrice: contract.fineAverage(lots, fineCost),
      liquidPrice: lots === 0 ? 0 : this.liquidPrice(held, account, position, side),
      unrealised: unitsToNumber(this.profit(held, side), this.decimals),
      margin: unitsToNumber(contract.crossed ? this.sideMargin(held, side) : side.margin, this.decimals),
    }
  }

  private liquidPrice(held: Held, account: Account, position: Position, side: PositionSide): number {
    const { contract } = held
    const { long, short } = position
    const money = (units: bigint) => Number(units) / 10 ** this.decimals
    const size = (of: PositionSide) => of.lots * contract.face
    const net = contract.crossed ? position.net : side.lots
    const maintenanceRate = Number(contract.adjustment(net)) / 1e8 / Number(contract.leverage)
    if (!contract.crossed) {
      const alone = { long: 0, short: 0, longCost: 0, shortCost: 0 }
      const own = side.long
        ? { ...alone, long: size(side), longCost: contract.moneyOf(side.fineCost) }
        : { ...alone, short: size(side), shortCost: contract.moneyOf(side.fineCost) }
      return liquidationPrice({ linear: contract.linear, ...own, backing: money(side.margin), maintenanceRate })
    }
    const ownProfit = this.profit(held, long) + this.profit(held, short)
    const ownMaintenance = this.positionMaintenance(held, account)
    const backing = this.equity(account) - ownProfit - (this.maintenance(account) - ownMaintenance)
    return liquidationPrice({
      linear: contract.linear,
      long: size(long),
      short: size(short),
      longCost: contract.moneyOf(long.fineCost),
      shortCost: contract.moneyOf(short.fineCost),
      backing: money(backing),
      maintenanceRate,
    })
  }

  /** Of one contract: that of the larger side, the other one's is waived. */
  private positionMargin(held: Held, account: Account): bigint {
    const position = held.positions.get(account)
    if (position === undefined) return 0n
    const long = this.sideMargin(held, position.long)
    const short = this.sideMargin(held, position.short)
    return long > short ? long : short
  }

  private positionMaintenance(held: Held, account: Account): bigint {
    const position = held.positions.get(account)
    if (position === undefined) return 0n
    return held.contract.maintenance(this.positionMargin(held, account), position.net)
  }

  /** The margins of all crossed positions. */
  positionMargins(account: Account): bigint {
    let sum = 0n
    for (const held of this.held) if (held.contract.crossed) sum += this.positionMargin(held, account)
    return sum
  }

  private unrealised(account: Account): bigint {
    let sum = 0n
    for (const held of this.held) {
      const position = held.positions.get(account)
      if (position === undefined || !held.contract.crossed) continue
      sum += this.profit(held, position.long) + this.profit(held, position.short)
    }
    return sum
  }

  private fixedMargins(account: Account): bigint {
    let sum = 0n
    for (const { positions } of this.held) {
      const position = positions.get(account)
      if (position !== undefined) sum += position.long.margin + position.short.margin
    }
    return sum
  }

  private fixedUnrealised(account: Account): bigint {
    let sum = 0n
    for (const held of this.held) {
      const position = held.positions.get(account)
      if (position === undefined || held.contract.crossed) continue
      sum += this.profit(held, position.long) + this.profit(held, position.short)
    }
    return sum
  }
}
