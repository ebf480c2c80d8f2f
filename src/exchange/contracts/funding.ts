import type { Account } from '../accounts/account.js'
import type { Settlements } from './contract-settlement.js'
import { unitsToNumber } from '../numbers/decimal.js'
import type { Held, MarginAccount } from './margin-account.js'
import type { PositionSide } from './position.js'
import { shareUp } from '../numbers/rate.js'
import type { Report } from '../event-collector.js'

/** HTX settles at 00:00, 08:00 and 16:00 UTC. */
export const FUNDING_EVERY_MS = 8 * 3_600_000

/**
 * Funding and settlement of profits every eight hours, after HTX ("Funding Calculation", "What is
 * calculation rule for closing profit after settlement?"): longs pay shorts the funding rate times
 * the value at the settlement price (the mark price), shorts pay longs when the rate is below 0;
 * profits and losses of that moment go to the balance, and the settlement price becomes the price
 * at which positions are held, while the open price stays. Payments are rounded up, receipts down;
 * the remainder goes to the insurance fund.
 */
export class Funding {
  /** Next due time of funding; 0 before the first command. */
  nextMs = 0

  constructor(
    private readonly settlements: Settlements,
    private readonly report: Report,
    private readonly insurance: Account,
  ) {}

  /** Counts from this instant on: nothing before it is due any more. */
  begin(nowMs: number): void {
    this.nextMs = (Math.floor(nowMs / FUNDING_EVERY_MS) + 1) * FUNDING_EVERY_MS
  }

  /** Settles as often as has come due. */
  run(groups: Iterable<MarginAccount>, nowMs: number): void {
    if (nowMs < this.nextMs) return
    const dueSince = this.nextMs
    this.begin(nowMs)
    // Nothing was due before the first command.
    if (dueSince === 0) return
    for (const group of groups) {
      for (const held of group.held) {
        const someone = Array.from(held.positions.values()).some((position) => !position.isFlat)
        if (!someone) continue
        for (let dueMs = dueSince; dueMs < this.nextMs; dueMs += FUNDING_EVERY_MS) this.settle(group, held, dueMs)
      }
    }
  }

  private settle(group: MarginAccount, held: Held, timestamp: number): void {
    const { contract, market, positions } = held
    const settlement = this.settlements.get(held)
    if (settlement === undefined) return
    let left = 0n
    for (const [account, position] of positions) {
      if (position.isFlat) continue
      let funding = 0n
      for (const side of [position.long, position.short]) {
        if (side.lots === 0) continue
        const value = contract.value(market.mark(), side.lots)
        // Rounded up of a negative value is rounded down.
        const received = -shareUp(side.long ? value : -value, contract.fundingRate)
        this.credit(
          settlement,
          account,
          contract.crossed || account.house,
          side,
          received + contract.profit(side.long, side.cost, value),
        )
        side.cost = value
        side.fineCost = contract.fineValue(market.mark(), side.lots)
        funding += received
      }
      left -= funding
      position.utime = timestamp
      if (account.house) continue
      this.report.touchPosition(account, held, position)
      this.report.add({
        type: 'funding',
        account: account.name,
        symbol: contract.symbol,
        amount: unitsToNumber(funding, contract.valueDecimals),
        currency: group.currency,
        rate: Number(contract.spec.fundingRate),
        timestamp,
      })
    }
    if (left !== 0n) settlement.pay(this.insurance, left)
  }

  private credit(
    settlement: { pay(account: Account, amount: bigint): void },
    account: Account,
    toBalance: boolean,
    side: PositionSide,
    amount: bigint,
  ): void {
    if (toBalance) settlement.pay(account, amount)
    else side.margin += amount
  }
}
