import type { Account } from '../accounts/account.js'
import type { Settlements } from './contract-settlement.js'
import type { Counters } from '../accounts/counters.js'
import { unitsToNumber } from '../numbers/decimal.js'
import { Deleveraging } from './deleveraging.js'
import type { Held, MarginAccount } from './margin-account.js'
import type { Matching } from '../matching/matching.js'
import type { PositionSide } from './position.js'
import { shareUp } from '../numbers/rate.js'
import type { Report } from '../event-collector.js'

/**
 * Takes positions from accounts that can no longer carry them, after HTX's rules ("Partial
 * Liquidation", support 900001325083):
 *
 * Crossed: when equity is down to the maintenance of all margins, the account's orders are
 * cancelled; if that is not enough (it frees no equity, but its fills may have), long and short of
 * one contract are set off at the mark price; if that is not enough, positions above the first tier
 * are taken down to the limit of the tier below, without a fee, tier by tier until it is enough;
 * and if that never is, everything is closed, winning positions before losing ones. All by MARKET
 * orders in the account's name, through the book. Fixed: the same for one side and its own margin.
 *
 * The rest pays the liquidation fee to the insurance fund, as far as it goes; a deficit is paid by
 * the insurance fund, as far as it goes. A MARKET order takes only levels at which that is enough
 * for the whole side; lots beyond those are closed by {@link Deleveraging}, so that the fund is
 * never below 0. If the book is empty or has no counterparty, the position stays and is tried again
 * with the next command.
 */
export class Liquidation {
  private readonly deleveraging: Deleveraging

  constructor(
    private readonly settlements: Settlements,
    private readonly matching: Matching,
    private readonly counters: Counters,
    private readonly report: Report,
    private readonly insurance: Account,
  ) {
    this.deleveraging = new Deleveraging(settlements, matching, counters, report)
  }

  /**
   * Liquidates the accounts that the present prices require. Each liquidation moves prices, so this
   * repeats until none is left, each account once.
   */
  run(group: MarginAccount): void {
    const tried = new Set<Account>()
    for (;;) {
      const account = this.nextOf(group, tried)
      if (account === undefined) return
      tried.add(account)
      this.crossed(group, account)
      for (const held of group.held) {
        const position = held.positions.get(account)
        if (held.contract.crossed || position === undefined) continue
        this.fixed(group, held, account, position.long)
        this.fixed(group, held, account, position.short)
      }
    }
  }

  private nextOf(group: MarginAccount, tried: ReadonlySet<Account>): Account | undefined {
    for (const { positions } of group.held) {
      for (const [account, position] of positions) {
        if (account.house || tried.has(account) || position.isFlat) continue
        if (this.isUnder(group, account)) return account
        for (const held of group.held) {
          const own = held.positions.get(account)
          if (own === undefined || held.contract.crossed) continue
          if (this.isSideUnder(group, held, own.long) || this.isSideUnder(group, held, own.short)) return account
        }
      }
    }
    return undefined
  }

  private isUnder(group: MarginAccount, account: Account): boolean {
    const maintenance = group.maintenance(account)
    return maintenance > 0n && group.equity(account) <= maintenance
  }

  private isSideUnder(group: MarginAccount, held: Held, side: PositionSide): boolean {
    if (side.lots === 0) return false
    const maintenance = held.contract.maintenance(group.sideMargin(held, side), side.lots)
    return side.margin + group.profit(held, side) <= maintenance
  }

  private crossed(group: MarginAccount, account: Account): void {
    if (!this.isUnder(group, account)) return
    const crossed = group.held.filter(({ contract }) => contract.crossed)
    this.tell(group, account, undefined, group.equity(account), group.maintenance(account))
    for (const { market } of crossed) {
      for (const order of market.open.of(account)) this.matching.cancel(order, market)
    }
    for (const held of crossed) this.setOff(held, account)
    while (this.isUnder(group, account) && this.stepDown(crossed, account));
    if (!this.isUnder(group, account)) return
    let closed = 0n
    for (const { held, side } of sidesOf(crossed, account).sort(byProfit)) {
      closed += this.closeAll(held, account, side)
    }
    if (crossed.some(({ positions }) => positions.get(account)?.isFlat === false)) return
    this.square(crossed, account, BigInt(account.wallet(group.currency).total), closed)
  }

  private fixed(group: MarginAccount, held: Held, account: Account, side: PositionSide): void {
    if (!this.isSideUnder(group, held, side)) return
    const { contract, market } = held
    const backing = side.margin + group.profit(held, side)
    this.tell(group, account, contract.symbol, backing, contract.maintenance(group.sideMargin(held, side), side.lots))
    for (const order of market.open.of(account)) this.matching.cancel(order, market)
    const wallet = account.wallet(group.currency)
    const take = (lots?: number): { readonly left: bigint; readonly closed: bigint } => {
      const before = wallet.total
      const closed = lots === undefined ? this.closeAll(held, account, side) : this.closeOut(held, account, side, lots)
      return { closed, left: BigInt(wallet.total) - BigInt(before) }
    }
    while (this.isSideUnder(group, held, side)) {
      const limit = contract.limitBelow(side.lots)
      if (limit === undefined) break
      const { left, closed } = take(side.lots - limit)
      // What part of a side has lost beyond its own margin is not the rest of the account's to pay.
      this.square([held], account, left, 0n)
      if (closed === 0n) break
    }
    if (!this.isSideUnder(group, held, side)) return
    const { left, closed } = take()
    this.square([held], account, left, side.lots === 0 ? closed : 0n)
  }

  /**
   * Takes each position that is above its lowest tier one tier down. False if nothing was closed by
   * that.
   */
  private stepDown(helds: readonly Held[], account: Account): boolean {
    let closed = 0n
    for (const held of helds) {
      const position = held.positions.get(account)
      const limit = position && held.contract.limitBelow(position.net)
      if (position === undefined || limit === undefined) continue
      const { long, short } = position
      closed += this.closeOut(held, account, long.lots > short.lots ? long : short, position.net - limit)
    }
    return closed > 0n
  }

  /** Closes equal lots of both sides against each other, at the mark price and without fees. */
  private setOff(held: Held, account: Account): void {
    const position = held.positions.get(account)
    const settlement = this.settlements.get(held)
    if (position === undefined || settlement === undefined) return
    const lots = Math.min(position.long.lots, position.short.lots)
    if (lots === 0) return
    const value = held.contract.value(held.market.mark(), lots)
    settlement.close(account, position.long, lots, value)
    settlement.close(account, position.short, lots, value)
    position.utime = this.counters.nowMs
    this.report.touchPosition(account, held, position)
  }

  /**
   * Closes a side through the book, and against its counterparties what the book would have too low
   * a price for; tells the value that was closed.
   */
  private closeAll(held: Held, account: Account, side: PositionSide): bigint {
    const before = side.lots
    const { contract, market } = held
    let closed = this.closeOut(held, account, side, before)
    const others = side.long ? market.bids : market.asks
    if (side.lots === 0 || others.best === undefined) return closed
    const lots = side.lots
    const loss = this.backing(held, account, side)
    const value = contract.exitFor(side.long, side.cost, -loss)
    this.deleveraging.close(held, account, side, value > 0n ? value : 0n)
    closed += contract.value(market.mark(), lots - side.lots)
    return closed
  }

  /**
   * Closes so much of a side through the book, at prices that can be paid; tells the value that was
   * closed.
   */
  private closeOut(held: Held, account: Account, side: PositionSide, most: number): bigint {
    const lots = Math.min(most, this.payable(held, account, side))
    if (lots === 0) return 0n
    const before = side.lots
    const { contract, market } = held
    const action = side.long ? 'SELL' : 'BUY'
    const order = this.matching.order(account, { action, type: 'MARKET', price: 0, lots, offset: 'close' }, market)
    this.matching.accept(order, market, undefined, true)
    return contract.value(market.mark(), before - side.lots)
  }

  /**
   * Number of lots that the book takes at prices at which account and fund could pay for the whole
   * side.
   */
  private payable(held: Held, account: Account, side: PositionSide): number {
    const { contract, market } = held
    const backing = this.backing(held, account, side)
    let lots = 0
    for (const level of (side.long ? market.bids : market.asks).fromBest()) {
      const value = contract.value(level.price, side.lots)
      const gain = contract.profit(side.long, side.cost, value) - shareUp(value, contract.takerRate)
      if (gain + backing < 0n || lots >= side.lots) break
      lots += level.lots
    }
    return lots
  }

  /**
   * Greatest loss of a side that can be paid: equity of its account with the unrealised profits of
   * all else, plus the insurance fund.
   */
  private backing(held: Held, account: Account, side: PositionSide): bigint {
    const { contract, group } = held
    const fund = this.fund(group)
    if (!contract.crossed) return side.margin + fund
    const balance = BigInt(account.wallet(group.currency).total)
    const others = group.equity(account) - balance - group.profit(held, side)
    return balance + fund + (others > 0n ? others : 0n)
  }

  private fund({ currency }: MarginAccount): bigint {
    return BigInt(this.insurance.wallet(currency).total)
  }

  /**
   * Takes the liquidation fee from the rest, or lets the insurance fund pay the deficit: all of it,
   * except for the rounding of fees when the fund runs out.
   */
  private square(helds: readonly Held[], account: Account, left: bigint, closed: bigint): void {
    const [held] = helds
    if (held === undefined) return
    const settlement = this.settlements.get(held)
    if (settlement === undefined) return
    const fee = shareUp(closed, held.contract.liquidationRate)
    const most = -this.fund(held.group)
    const due = left > fee ? fee : left > most ? left : most
    if (due === 0n) return
    settlement.pay(account, -due)
    settlement.pay(this.insurance, due)
  }

  private tell(
    { currency }: MarginAccount,
    account: Account,
    symbol: string | undefined,
    backing: bigint,
    maintenance: bigint,
  ): void {
    const { decimals } = account.wallet(currency)
    this.report.add({
      type: 'liquidation',
      account: account.name,
      currency,
      symbol,
      backing: unitsToNumber(backing, decimals),
      maintenance: unitsToNumber(maintenance, decimals),
      timestamp: this.counters.nowMs,
    })
  }
}

interface HeldSide {
  readonly held: Held
  readonly side: PositionSide
}

/** The sides that an account holds of some contracts. */
const sidesOf = (helds: readonly Held[], account: Account): HeldSide[] =>
  helds.flatMap((held) => {
    const position = held.positions.get(account)
    return position === undefined ? [] : [position.long, position.short].map((side) => ({ held, side }))
  })

const byProfit = (a: HeldSide, b: HeldSide): number => {
  const difference = b.held.group.profit(b.held, b.side) - a.held.group.profit(a.held, a.side)
  return difference > 0n ? 1 : difference < 0n ? -1 : 0
}
