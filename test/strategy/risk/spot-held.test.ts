import { describe, expect, it } from '@jest/globals'
import { of } from 'rxjs'
import { withRiskLimits, limitBuy, type Reference, type RiskState } from '../../../src/strategy/index.js'
import { toOrderRequest } from '../../../src/strategy/intent.js'
import { VirtualScheduler } from '../../../src/time/index.js'
import { fakeAccount, gapOf, orderOf as noticeOf } from '../fake-account.js'

const symbol = 'BTC/USDT'

/** A gate on a spot account with so much BTC at first, of which an order went while notices were missed. */
const afterGap = (exclusiveAccount: boolean, symbols: readonly string[], startsWith: readonly string[] = []) => {
  let total = 3
  const balances = () => ({ BTC: { free: total, locked: 0, total } })
  const fake = fakeAccount({ asset: () => of(balances()) })
  Object.assign(fake.account, { exclusiveAccount, symbols })
  const scheduler = new VirtualScheduler()
  const view = (rows: ReadonlyMap<string, unknown>) =>
    of({ all: rows, added: [], changed: [], removed: [], stale: false })
  Object.assign(fake.account, {
    balances: () => view(new Map(Object.entries(balances()))),
    orders: () => view(new Map(startsWith.map((order_no) => [order_no, noticeOf(order_no, 'SUBMITTED')]))),
  })
  const reference$ = of<Reference>({ symbol, price: 100 })
  const limits = { maxOrderSize: 10, maxOrderValue: 2_000, maxPosition: 10, reference$, referenceMaxAgeMs: 1e9 }
  const account = withRiskLimits(fake.account, limits, { scheduler })
  let state: RiskState | undefined
  account.risk.state$.subscribe((now) => (state = now))
  account.placeOrder(toOrderRequest(limitBuy(symbol, 100, 2))).subscribe()
  const gone = { ...noticeOf('1', 'SUBMITTED', { symbol, quantity: 2 }), filled: 0, averagePrice: 0, missing: true }
  total = 4.5
  fake.gap$.next(gapOf({ missing: [gone] }))
  scheduler.advanceBy(10_000)
  return state?.symbols.find((each) => each.symbol === symbol)
}

describe('a spot position after missed notices', () => {
  it('is the change of the balance, where nobody else trades the account', () => {
    expect(afterGap(true, [symbol, 'ETH/USDT'])).toMatchObject({
      long: { min: 1.5, max: 1.5 },
      missing: 0,
      missed: false,
    })
  })

  it.each<[string, Parameters<typeof afterGap>]>([
    ['others may trade the account', [false, [symbol]]],
    ['another symbol of the login trades the base currency', [true, [symbol, 'ETH/BTC']]],
    ['an order was open as the gate began', [true, [symbol], ['77']]],
  ])('stays between its bounds where %s', (_, args) => {
    expect(afterGap(...args)).toMatchObject({ long: { min: 0, max: 2 }, missing: 1, missed: true })
  })
})
