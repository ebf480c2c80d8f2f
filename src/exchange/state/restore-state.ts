import type { Account } from '../accounts/account.js'
import { asFine } from '../contracts/contract.js'
import type { ExchangeState, ExchangeOrderState, SideState, StatefulParts } from './export-state.js'
import { type OrderTerms, RestingOrder } from '../matching/order.js'
import type { PositionSide } from '../contracts/position.js'
import { unitsOf } from '../numbers/units.js'

/**
 * Gives an exchange that has not begun the state of another one of the same symbols: from then on
 * both tell the same, byte for byte.
 *
 * @throws RangeError when the state names what this exchange does not have
 */
export function restoreState({ counters, accounts, venue, funding }: StatefulParts, state: ExchangeState): void {
  counters.nowMs = state.nowMs
  counters.orders = state.orders
  counters.trades = state.trades
  funding.nextMs = state.fundingMs
  for (const { name, house, wallets } of state.accounts) {
    const refusal = accounts.open({ type: 'open-account', account: name, house })
    if (refusal !== undefined) throw new RangeError(refusal)
    fill(known(accounts.get(name), name), wallets)
  }
  fill(accounts.fees, state.fees)
  fill(accounts.insurance, state.insurance)
  for (const [currency, units] of state.deposited) accounts.deposited.set(currency, BigInt(units))

  for (const { symbol, last, shown, recorded, orders, positions } of state.markets) {
    const market = known(venue.markets.get(symbol), symbol)
    market.last = last
    market.shown = { ...shown }
    if (recorded !== undefined) {
      market.isRecorded = recorded.isRecorded
      market.hasRecordedBook = recorded.hasRecordedBook
      market.lastOffTick = recorded.lastOffTick
      market.fraction = { ...recorded.fraction }
      for (const [price, lots] of recorded.takenBids) market.taken.bids.set(price, lots)
      for (const [price, lots] of recorded.takenAsks) market.taken.asks.set(price, lots)
    }
    for (const order of orders) {
      const resting = new RestingOrder(
        market.open.trader(known(accounts.get(order.account), order.account), order.ctime),
        termsOf(order),
        order.ctime,
        order.wallCtime,
      )
      resting.number = order.number
      resting.quantity = order.quantity
      resting.status = order.status
      resting.utime = order.utime
      market.rest(resting)
    }
    for (const { account, long, short, utime } of positions) {
      const held = known(venue.helds.get(market), `${symbol} as a contract`)
      const position = held.group.position(held, known(accounts.get(account), account))
      hold(position.long, long)
      hold(position.short, short)
      position.utime = utime
    }
  }
}

/** Terms of a resting order: always a LIMIT order, with lots and no budget. */
const termsOf = ({ action, type, price, remain, cid, offset }: ExchangeOrderState): OrderTerms => ({
  ...{ action, type, price, cid, offset },
  lots: remain,
})

const fill = (account: Account, wallets: ExchangeState['fees']): void => {
  for (const { currency, free, locked } of wallets) {
    const wallet = account.wallet(currency)
    wallet.free = unitsOf(BigInt(free))
    wallet.locked = unitsOf(BigInt(locked))
  }
}

const hold = (
  side: PositionSide,
  { lots, frozen, cost, openCost, fineCost, fineOpenCost, margin }: SideState,
): void => {
  side.lots = lots
  side.frozen = frozen
  side.cost = BigInt(cost)
  side.openCost = BigInt(openCost)
  side.fineCost = fineCost === undefined ? asFine(side.cost) : BigInt(fineCost)
  side.fineOpenCost = fineOpenCost === undefined ? asFine(side.openCost) : BigInt(fineOpenCost)
  side.margin = BigInt(margin)
}

const known = <T>(thing: T | undefined, name: string): T => {
  if (thing === undefined) throw new RangeError(`the state speaks of ${name}, which is not here`)
  return thing
}
