import { expect } from '@jest/globals'
import { combineLatest, filter, map, tap } from 'rxjs'
import { type Books, type GatewayProcess, picture, pictureOf } from './gateway.js'
import { soon, symbol, type Told, type Trader } from './trader.js'

const byOrderNo = <T extends { readonly order_no: string }>(orders: readonly T[]) =>
  orders.map(({ order_no }) => order_no).sort()

/** Waits until the views show what the exchange's books hold, to the digit. */
export const expectViewsEqualBooks = async ({ account }: Trader, books: Books): Promise<void> => {
  let seen = ''
  const views$ = combineLatest([account.orders(symbol), account.balances()]).pipe(
    filter(([orders, balances]) => !orders.stale && !balances.stale),
    map(([orders, balances]) => picture(orders.all.keys(), Object.fromEntries(balances.all))),
    tap((views) => (seen = views)),
    filter((views) => views === pictureOf(books)),
  )
  await soon('views like the books', views$, 5_000).catch(() => expect(seen).toBe(pictureOf(books)))
}

/** What must be true once the network is whole again, whatever it did meanwhile. */
export const expectNoOrderTwiceNoneForgotten = async (
  gateway: GatewayProcess,
  trader: Trader,
  placed: readonly Told[],
): Promise<Books> => {
  const unresolved = await soon('unresolved$', trader.account.unresolved$)
  const books = await gateway.books(trader.access_key)
  expect(books.faults).toEqual([])
  // Nothing else can be the end of an order that was well formed, and NotSent was never written.
  expect(placed.filter(({ end }) => !['Done', 'Unresolved', 'NotSent'].includes(end._tag))).toEqual([])
  const told = new Map(placed.flatMap(({ end }) => (end._tag === 'Done' ? [[end.value.cid, end.value.order_no]] : [])))
  const unknown = new Set(placed.flatMap(({ end }) => (end._tag === 'Unresolved' ? [end.cid] : [])))
  const ours = books.accepted.filter(({ cid }) => told.has(cid) || unknown.has(cid))

  // At most once: no cid made two orders.
  expect(new Set(ours.map(({ cid }) => cid)).size).toBe(ours.length)
  // What was said to be placed is, under that number.
  const numbers = new Map(ours.map(({ cid, order_no }) => [cid, order_no]))
  for (const [cid, order_no] of told) expect(numbers.get(cid)).toBe(order_no)
  // What is not settled yet is a part of what was said to be unknown; what was settled since is an order.
  const open = new Set(unresolved.map((each) => each.error.cid))
  for (const cid of open) expect(unknown).toContain(cid)
  for (const cid of unknown) if (!open.has(cid)) expect(numbers.has(cid)).toBe(true)
  // No order exists that nobody was told of: all are resting, or have been traded.
  const resting = ours.filter(({ order_type }) => order_type === 'LIMIT')
  expect(byOrderNo(books.open)).toEqual(byOrderNo(resting))
  const bought = (ours.length - resting.length) * 0.01 * (1 - 0.002)
  expect(books.assets['BTC']?.total).toBeCloseTo(100 + bought, 9)
  await expectViewsEqualBooks(trader, books)
  return books
}
