import type { Account } from '../accounts/account.js'
import type { Settlements } from './contract-settlement.js'
import type { Counters } from '../accounts/counters.js'
import type { Held } from './margin-account.js'
import type { Matching } from '../matching/matching.js'
import type { Position, PositionSide } from './position.js'
import type { Report } from '../event-collector.js'

/** An account that holds the other side. */
interface Counterparty {
  readonly account: Account
  readonly position: Position
  readonly side: PositionSide
}

/**
 * Closes the part of a position that the book takes only at prices that neither its account nor the
 * insurance fund can pay, against holders of the other side and outside of the book, after HTX
 * ("Auto-Deleveraging (ADL) Rules", support 64914554002695). The price is the one that uses up the
 * account and the fund. Winners come first, the largest profit for its cost and the thinnest margin
 * before the others (profit ratio / margin ratio), then losers (profit ratio · margin ratio). An
 * account that would be left with less than 0 at that price is skipped. Market maker accounts,
 * which stand for the rest of the market and have no margin to rank by, come after them and at any
 * price; the account's own other side, which exists with fixed margin only, comes last.
 *
 * No fees, no orders and no public trades; orders of the counterparty that would close the same
 * lots are cancelled first.
 */
export class Deleveraging {
  constructor(
    private readonly settlements: Settlements,
    private readonly matching: Matching,
    private readonly counters: Counters,
    private readonly report: Report,
  ) {}

  /** Closes all of a side for a value, as far as there are counterparties. */
  close(held: Held, account: Account, side: PositionSide, value: bigint): void {
    const settlement = this.settlements.get(held)
    const position = held.positions.get(account)
    if (settlement === undefined || position === undefined) return
    const before = side.lots
    let left = value
    for (const other of counterparties(held, account, side, value)) {
      if (side.lots === 0) break
      this.cancelClosing(held, other)
      const lots = Math.min(side.lots, other.side.lots)
      const part = (left * BigInt(lots)) / BigInt(side.lots)
      left -= part
      settlement.close(account, side, lots, part)
      settlement.close(other.account, other.side, lots, part)
      this.tell(held, other, lots, part)
    }
    if (side.lots !== before) this.changed(held, account, position)
  }

  private cancelClosing({ market }: Held, { account, side }: Counterparty): void {
    for (const order of market.open.of(account)) {
      if (order.offset === 'close' && order.buys !== side.long) this.matching.cancel(order, market)
    }
  }

  private tell(held: Held, { account, position, side }: Counterparty, lots: number, value: bigint): void {
    const { contract } = held
    this.changed(held, account, position)
    if (account.house) return
    this.report.add({
      type: 'deleveraging',
      account: account.name,
      symbol: contract.symbol,
      side: side.long ? 'long' : 'short',
      quantity: contract.size.value(lots),
      price: contract.averagePrice(lots, value),
      timestamp: this.counters.nowMs,
    })
  }

  private changed(held: Held, account: Account, position: Position): void {
    position.utime = this.counters.nowMs
    this.report.touchPosition(account, held, position)
  }
}

/** Returns the holders of the other side that can be closed, in the order in which they are. */
function counterparties(held: Held, account: Account, { long, lots }: PositionSide, value: bigint): Counterparty[] {
  const ranked: (Counterparty & { readonly rank: Fraction })[] = []
  const houses: Counterparty[] = []
  const own: Counterparty[] = []
  for (const [other, position] of held.positions) {
    const side = position.side(!long)
    if (side.lots === 0) continue
    const counterparty = { account: other, position, side }
    const { rank, equity, profit } = standing(held, other, side)
    const gain = held.contract.profit(side.long, side.cost, (value * BigInt(side.lots)) / BigInt(lots))
    if (other === account) own.push(counterparty)
    else if (other.house) houses.push(counterparty)
    else if (equity - profit + gain >= 0n) ranked.push({ ...counterparty, rank })
  }
  ranked.sort((a, b) => compare(b.rank, a.rank))
  return [...ranked, ...houses, ...own]
}

/** Two integers, the lower one above 0: exact, as all that decides about money is. */
interface Fraction {
  readonly upper: bigint
  readonly lower: bigint
}

/** Ranks a side at the mark price; the larger rank is closed first. */
function standing(held: Held, account: Account, side: PositionSide) {
  const { group, contract } = held
  const profit = group.profit(held, side)
  const equity = contract.crossed ? group.equity(account) : side.margin + profit
  const margin = contract.crossed ? group.positionMargins(account) : group.sideMargin(held, side)
  // An account that is under water itself counts as the thinnest.
  const thin = equity > 0n ? equity : 1n
  const rank: Fraction =
    profit < 0n
      ? { upper: profit * thin, lower: side.cost * margin }
      : { upper: profit * margin, lower: side.cost * thin }
  return { profit, equity, rank }
}

function compare(a: Fraction, b: Fraction): number {
  const [left, right] = [a.upper * b.lower, b.upper * a.lower]
  return left < right ? -1 : left > right ? 1 : 0
}
