import type { Account } from '../accounts/account.js'
import type { Accounts } from '../accounts/accounts.js'
import type { BookSide } from '../matching/order-book.js'
import { formatUnits } from '../numbers/decimal.js'
import type { Held } from '../contracts/margin-account.js'
import type { RestingOrder } from '../matching/order.js'
import type { Venue } from '../markets.js'

/**
 * The invariants of an exchange that do not hold, in words. Recomputes everything from the orders
 * and balances alone.
 */
export function audit(accounts: Accounts, venue: Venue, decimals: ReadonlyMap<string, number>): string[] {
  const faults: string[] = []
  const locked = new Map<Account, Map<string, bigint>>()
  for (const market of venue.markets.values()) {
    const { symbol } = market.instrument
    const orders = [...checkSide(market.bids, symbol, faults), ...checkSide(market.asks, symbol, faults)]
    const bid = market.bids.best?.price
    const ask = market.asks.best?.price
    if (bid !== undefined && ask !== undefined && bid >= ask)
      faults.push(`${symbol}: the book is crossed, ${bid} >= ${ask}`)
    for (const order of orders) {
      const { account, no } = order
      if (market.open.get(order.number) !== order) faults.push(`${symbol}: order ${no} is in the book and not open`)
      if (account.house) continue
      const sums = locked.get(account) ?? new Map<string, bigint>()
      const currency = market.settlement.lockedCurrency(order)
      sums.set(currency, (sums.get(currency) ?? 0n) + BigInt(market.settlement.locks(order)))
      locked.set(account, sums)
    }
    let owned = 0
    for (const account of accounts.all()) {
      const own = market.open.of(account)
      owned += own.length
      if (own.some((order) => order.account !== account || order.level === undefined)) {
        faults.push(`${symbol}: ${account.name} is shown an order that is not its own or not in the book`)
      }
    }
    if (owned !== orders.length)
      faults.push(`${symbol}: ${owned} orders have an owner and ${orders.length} are in the book`)
    if (orders.length !== market.open.size) {
      faults.push(`${symbol}: ${market.open.size} orders are open and ${orders.length} in the book`)
    }
  }

  const sums = new Map<string, bigint>()
  for (const { currency, held } of venue.groups.values()) {
    for (const each of held) sums.set(currency, (sums.get(currency) ?? 0n) + checkPositions(each, faults))
  }
  for (const account of accounts.all()) {
    for (const { currency, free, locked: held, decimals: scale } of account.wallets.values()) {
      sums.set(currency, (sums.get(currency) ?? 0n) + BigInt(free) + BigInt(held))
      // Losses may have eaten into margins; what follows then is a liquidation.
      if (free < 0 && account === accounts.insurance)
        faults.push(`the insurance fund is ${formatUnits(free, scale)} ${currency}`)
      if (free < 0 && !account.house && !venue.groups.has(currency))
        faults.push(`${account.name}: free ${formatUnits(free, scale)} ${currency} is negative`)
      const due = locked.get(account)?.get(currency) ?? 0n
      if (BigInt(held) !== due) {
        faults.push(
          `${account.name}: ${formatUnits(held, scale)} ${currency} locked, its open orders lock ${formatUnits(due, scale)}`,
        )
      }
    }
  }
  for (const [currency, scale] of decimals) {
    const sum = sums.get(currency) ?? 0n
    const deposited = accounts.deposited.get(currency) ?? 0n
    if (sum !== deposited) {
      faults.push(`${formatUnits(deposited, scale)} ${currency} came in, all accounts hold ${formatUnits(sum, scale)}`)
    }
  }
  return faults
}

function checkSide(side: BookSide<RestingOrder>, symbol: string, faults: string[]): RestingOrder[] {
  const orders: RestingOrder[] = []
  let before: number | undefined
  let depth = 0
  for (const level of side.fromBest()) {
    depth++
    if (depth === 1 && level !== side.best) faults.push(`${symbol}: the best price is not ${level.price}`)
    if (before !== undefined && (side.buys ? level.price >= before : level.price <= before)) {
      faults.push(`${symbol}: price ${level.price} stands behind ${before}`)
    }
    before = level.price
    let lots = 0
    let ahead: RestingOrder | undefined
    for (let order = level.first; order !== undefined; order = order.behind) {
      if (order.level !== level || order.price !== level.price || order.buys !== side.buys || order.ahead !== ahead) {
        faults.push(`${symbol}: order ${order.no} is in the wrong place`)
      }
      if (!(order.remain > 0) || !Number.isSafeInteger(order.remain)) {
        faults.push(`${symbol}: order ${order.no} rests with ${order.remain} lots`)
      }
      lots += order.remain
      orders.push(order)
      ahead = order
    }
    if (level.last !== ahead || ahead === undefined) faults.push(`${symbol}: the queue at ${level.price} has no end`)
    if (lots !== level.lots)
      faults.push(`${symbol}: ${level.lots} lots are counted at ${level.price}, ${lots} rest there`)
  }
  if (depth !== side.depth) faults.push(`${symbol}: ${side.depth} prices are counted, ${depth} rest there`)
  return orders
}

/**
 * Checks the money in positions: margins, and entry costs of longs against those of shorts. At any
 * price the values of all longs and shorts cancel out, so balances plus this sum equal the
 * deposits.
 */
function checkPositions({ contract, market, positions }: Held, faults: string[]): bigint {
  const { symbol } = contract
  let sum = 0n
  let net = 0
  for (const [account, { long, short }] of positions) {
    for (const side of [long, short]) {
      const { lots, frozen, cost, margin } = side
      const which = `${symbol}: ${account.name}'s ${side.long ? 'long' : 'short'} side`
      net += side.long ? lots : -lots
      sum += margin + contract.profit(side.long, cost, 0n)
      if (lots < 0 || !Number.isSafeInteger(lots)) faults.push(`${which} holds ${lots} lots`)
      if (lots === 0 && (cost !== 0n || margin !== 0n)) faults.push(`${which} is flat and not free of cost or margin`)
      let closing = 0
      for (const order of market.open.of(account)) {
        if (order.offset === 'close' && order.buys !== side.long) closing += order.remain
      }
      if (frozen !== closing && !account.house)
        faults.push(`${which} has ${frozen} lots frozen, its orders close ${closing}`)
      if (frozen > lots) faults.push(`${which} has ${frozen} of ${lots} lots frozen`)
    }
  }
  if (net !== 0) faults.push(`${symbol}: ${net} more lots are held long than short`)
  return sum
}
