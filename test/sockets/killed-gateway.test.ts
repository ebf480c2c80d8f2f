import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { filter } from 'rxjs'
import { type Gap, outcome, type OrderRequest } from '../../src/client/index.js'
import { build } from '../support/processes.js'
import { type GatewayLife, type GatewayProcess, startGateway } from './gateway.js'
import { expectViewsEqualBooks } from './invariants.js'
import { limit, market, showDepth, soon, symbol, type Trader, trader } from './trader.js'

let journal: string
let gateway: GatewayProcess
const traders: Trader[] = []

beforeAll(() => build(), 60_000)
beforeEach(() => {
  journal = mkdtempSync(join(tmpdir(), 'rxquant-sockets-'))
})
afterEach(async () => {
  for (const each of traders.splice(0)) await each.leave()
  await gateway.process.kill()
  rmSync(journal, { recursive: true })
})

const joined = async (...args: Parameters<typeof trader>): Promise<Trader> => {
  const one = await trader(...args)
  traders.push(one)
  return one
}

/** Places an order at a gateway that is killed when it has taken it and before it replies, and starts another on the same journal. */
const placedAtTheKilled = async (order: OrderRequest, life: GatewayLife) => {
  gateway = await startGateway({ journal, ...life })
  const maker = await joined('the-key-of-the-maker', gateway)
  await showDepth(maker)
  const { port } = gateway
  // Long enough for another process to start.
  const anna = await joined('the-key-of-anna', gateway, { resolveWithinMs: life.features === 'none' ? 2_500 : 15_000 })
  await soon('balances to compare with', anna.account.balances().pipe(filter(({ stale }) => !stale)))
  const gaps: Gap[] = []
  anna.account.gap$.subscribe((gap) => gaps.push(gap))
  await gateway.diesBeforeItsReply()
  const ending = soon('the end of the order', anna.account.placeOrder(order).pipe(outcome()))
  await gateway.process.ended
  gateway = await startGateway({ journal, port, ...life })
  const end = await ending
  await soon('to be tradable again', anna.account.tradable$.pipe(filter(Boolean)))
  const books = await gateway.books('the-key-of-anna')
  const frames = anna.written.filter(({ op }) => op === 'place_order')
  return { anna, end, books, frames, gaps }
}

describe('a gateway process that is killed between taking an order and replying, and started again on its journal', () => {
  it('gives a MARKET order its reply: it is written twice with one cid, and traded once', async () => {
    // Without the feature `resume`: no notice tells of it.
    const { anna, end, books, frames } = await placedAtTheKilled(market, { features: 'cid' })
    expect(end).toMatchObject({ _tag: 'Done', value: { cid: frames[0]?.cid } })
    expect(frames.map(({ cid }) => cid)).toEqual([frames[0]?.cid, frames[0]?.cid])
    // The maker's and this one, and the exchange was not asked again.
    expect(books).toMatchObject({ orders: 2, arrived: [], faults: [] })
    expect(books.assets['USDT']?.total).toBe(9_999_400)
    await expectViewsEqualBooks(anna, books)
  }, 30_000)

  it.each([
    ['MARKET', market],
    ['LIMIT', limit],
  ])(
    'sends the notices of a %s order that were missed: it has its end, and need not be written again',
    async (_, order) => {
      const { anna, end, books, frames, gaps } = await placedAtTheKilled(order, {})
      expect(end).toMatchObject({ _tag: 'Done', value: { cid: frames[0]?.cid } })
      expect(frames).toHaveLength(1)
      expect(books).toMatchObject({ orders: 2, arrived: [], faults: [] })
      expect(gaps).toMatchObject([{ recovered: true }])
      await expectViewsEqualBooks(anna, books)
    },
    30_000,
  )

  it('leaves a MARKET order Unresolved where it has no features: it is never written again, stays in unresolved$, and the gap shows what was paid', async () => {
    const { anna, end, books, frames, gaps } = await placedAtTheKilled(market, { features: 'none' })
    expect(end).toMatchObject({ _tag: 'Unresolved', cause: 'connection-lost', cid: frames[0]?.cid, request: market })
    expect(frames).toHaveLength(1)
    expect(books).toMatchObject({ orders: 2, arrived: [], faults: [] })
    expect(gaps).toMatchObject([{ cause: 'connection-lost', recovered: false }])
    const changes = gaps[0]?.balances.map(({ currency, before, after }) => [currency, before?.total, after?.total])
    expect(changes).toEqual(expect.arrayContaining([['USDT', 10_000_000, 9_999_400]]))
    const left = await soon('unresolved$', anna.account.unresolved$)
    expect(left.map(({ error }) => error.cid)).toEqual([frames[0]?.cid])
    await expectViewsEqualBooks(anna, books)
  }, 30_000)

  it('leaves a LIMIT order Unresolved where it has no features, with the open order that looks like it as evidence', async () => {
    const { end, books, frames } = await placedAtTheKilled(limit, { features: 'none' })
    expect(end).toMatchObject({
      _tag: 'Unresolved',
      evidence: [{ kind: 'matching-order', symbol, order_no: books.open[0]?.order_no }],
    })
    expect(frames).toHaveLength(1)
    expect(books).toMatchObject({ orders: 2, arrived: [], open: [{}] })
  }, 30_000)
})
