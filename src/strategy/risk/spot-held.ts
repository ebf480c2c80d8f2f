import type Big from 'big.js'
import { combineLatest, filter, map, type Observable, take } from 'rxjs'
import type { Account } from '../../client/index.js'
import type { Balance } from '../../protocol/index.js'
import { coinsOf } from '../targets/base-fee.js'
import { exposureIn, type GateState } from './state/gate.js'
import type { PositionQuantity } from './limits.js'

type BalanceAccount = Pick<Account, 'asset' | 'balances' | 'orders' | 'exclusiveAccount' | 'symbols' | 'unresolved$'>

/** True if no other symbol of the login trades the base currency of this one. */
const ownsBase = (symbol: string, symbols: readonly string[]): boolean => {
  const [base] = coinsOf(symbol)
  return symbols.every((other) => other === symbol || !coinsOf(other).includes(base))
}

/**
 * Derives spot positions from balances on an exclusive account: the position at the start plus the
 * change of the base currency since. Works if no order was open or unresolved at the start, and no
 * other symbol of the login trades the base currency.
 *
 * @returns query of a symbol's position; undefined if the balance does not determine it
 */
export const spotHeldBy = (
  account: BalanceAccount,
  symbols: readonly string[],
  state: () => GateState,
): ((symbol: string) => Observable<PositionQuantity> | undefined) => {
  if (account.exclusiveAccount !== true) return () => undefined
  /** Position minus balance, by symbol. */
  const offsets = new Map<string, Big>()
  for (const symbol of symbols.filter((each) => ownsBase(each, account.symbols))) {
    const [base] = coinsOf(symbol)
    const start$ = combineLatest([account.balances(), account.orders(symbol), account.unresolved$]).pipe(
      filter(([balances, orders]) => !balances.stale && !orders.stale),
      take(1),
    )
    // Ends with the account.
    // eslint-disable-next-line rxjs-x/no-ignored-subscription
    start$.subscribe({
      next: ([balances, orders, unresolved]) => {
        const { long, orders: sent, missed } = exposureIn(state(), symbol)
        if (orders.all.size > 0 || unresolved.length > 0 || sent.size > 0 || missed) return
        offsets.set(symbol, long.minus(totalOf(balances.all.get(base))))
      },
      error: () => undefined,
    })
  }
  return (symbol) => {
    const offset = offsets.get(symbol)
    if (offset === undefined) return undefined
    const [base] = coinsOf(symbol)
    return account.asset().pipe(
      map((assets) => totalOf(Object.hasOwn(assets, base) ? assets[base] : undefined)),
      map((total) => ({ long: offset.plus(total).toNumber() })),
    )
  }
}

const totalOf = (balance: Balance | undefined): number => balance?.total ?? 0
