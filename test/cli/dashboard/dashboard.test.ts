import { describe, expect, it } from '@jest/globals'
import { standing } from '../../../src/cli/dashboard/account-state.js'
import { feesOf, profitOf, volumeOf } from '../../../src/cli/dashboard/account-value.js'
import type { AccountEvent } from '../../../src/cli/run/run-event.js'
import { NotSent, Rejected, Unresolved } from '../../../src/client/index.js'
import { accountOf, after, assets, fill, fresh, info, order, platform, ready, ticker } from '../events.js'

const failed = (error: Rejected | NotSent | Unresolved): AccountEvent => ({ platform, type: 'failed', error })
const unknown = new Unresolved({ cid: 'c', request: { op: 'place_order' }, sentAt: 0, cause: 'timeout' })

describe('orders', () => {
  it('are open from their first notice to their end', () => {
    expect(accountOf(after([order('1', 'SUBMITTED'), order('2', 'PARTIAL-FILLED')])).open.size).toBe(2)
    expect(accountOf(after([order('1', 'SUBMITTED'), order('1', 'CANCELED')])).open.size).toBe(0)
  })

  it('stay ended when an older notice comes after the end', () => {
    expect(accountOf(after([order('1', 'FILLED'), order('1', 'SUBMITTED')])).open.size).toBe(0)
  })

  it('are counted as sent once, by how they fared', () => {
    const {
      sent,
      placed,
      refused,
      notSent,
      unknown: lost,
    } = accountOf(
      after([
        { platform, type: 'sent' },
        { platform, type: 'placed', ms: 3 },
        failed(new Rejected('place_order', 'no')),
        failed(new NotSent('place_order', 'invalid', 'NaN')),
        failed(unknown),
        failed(new Rejected('cancel_order', 'not a placed order')),
      ]),
    )
    expect({ sent, placed, refused, notSent, lost }).toEqual({ sent: 1, placed: 1, refused: 1, notSent: 1, lost: 1 })
  })
})

describe('fills', () => {
  it('are counted, with their value', () => {
    const account = accountOf(after([fill('1'), fill('1', { order_no: '2' })]))
    expect([account.fills, account.volume]).toEqual([2, 10_000])
  })
})

describe('profit', () => {
  it('is what changed since the start at last prices, not what the market did to what was held', () => {
    const bought = [info, assets(100_000, 5), ticker(50_000), fill('1'), assets(95_000, 5.1)]
    expect(profitOf(accountOf(after(bought)))).toBeCloseTo(0)
    expect(profitOf(accountOf(after([...bought, ticker(51_000)])))).toBeCloseTo(100)
  })

  it('is not known before balances are, nor while what changed has no price', () => {
    expect(profitOf(accountOf(fresh()))).toBeUndefined()
    expect(profitOf(accountOf(after([info, assets(100_000, 5), assets(95_000, 5.1)])))).toBeUndefined()
    expect(profitOf(accountOf(after([info, assets(100_000, 5)])))).toBe(0)
  })
})

describe('fees', () => {
  it('are what the fills moved less what the balances show, in the currency they were taken in', () => {
    const account = accountOf(after([info, assets(100_000, 5), ticker(50_000), fill('1'), assets(95_000, 5.0998)]))
    expect([...account.fees]).toEqual([['BTC', expect.closeTo(0.0002)]])
    expect(feesOf(account)).toBeCloseTo(10)
  })

  it('are not worked out between a fill and the balances that go with it', () => {
    expect(feesOf(accountOf(after([info, assets(100_000, 5), ticker(50_000), fill('1')])))).toBe(0)
  })
})

describe('contracts', () => {
  const opened = fill('1', { offset: 'open', quantity: 10 })
  it('leave fees and volume unknown, for a fill is so many contracts of a size that nobody tells; profit is the balances', () => {
    const account = accountOf(after([info, assets(100_000, 5), ticker(50_000), opened, assets(100_012, 5)]))
    expect([account.fills, feesOf(account), volumeOf(account), profitOf(account)]).toEqual([
      1,
      undefined,
      undefined,
      12,
    ])
  })
  it('have the fees that their fills tell, unless one tells none', () => {
    const told = { ...{ offset: 'open', quantity: 10 }, ...{ fee: 0.3, fee_currency: 'USDT' } } as const
    const account = accountOf(after([info, fill('1', told), fill('2', told)]))
    expect([feesOf(account), account.contracts]).toEqual([0.6, 20])
    expect(feesOf(accountOf(after([info, fill('2', told), opened])))).toBe(undefined)
  })
  it('are known by their positions where fills have no offset', () => {
    const position = { symbol: 'BTC/USDT', long_quantity: 10, short_quantity: 0 } as never
    const account = accountOf(after([{ platform, type: 'position', position }, fill('1', { quantity: 10 })]))
    expect([account.contractFills, account.volume]).toEqual([1, 0])
  })
})

describe('an account', () => {
  it('says where it stands', () => {
    const state = (code: number, name: string): AccountEvent => ({
      platform,
      type: 'state',
      state: { code, name, msg: '' },
    })
    const stands = (...events: readonly AccountEvent[]) => standing(accountOf(after(events)))
    expect(stands()).toBe('logging in')
    expect(stands(state(2, 'CONNECT_SUCCESS'))).toBe('CONNECT_SUCCESS')
    expect(stands(state(6, 'READY'), ready)).toBe('READY')
    expect(stands(state(6, 'READY'), ready, { platform, type: 'ready', ready: false })).toBe('not ready')
  })
})

describe('the log', () => {
  it('tells a resting order and a fill, but not that an order was taken which its fill tells anyway', () => {
    const { log } = after([
      order('1', 'SUBMITTED'),
      order('2', 'SUBMITTED', { order_type: 'IOC' }),
      fill('1', { order_no: '2' }),
      order('2', 'FILLED', { order_type: 'IOC' }),
    ])
    expect(log.map(({ text }) => text)).toEqual([
      'buy 0.1 BTC/USDT at 50,000  LIMIT SUBMITTED',
      'bought 0.1 BTC/USDT at 50,000  taker',
    ])
  })

  it('tells what a strategy emits: text as it is, failures in their words, and nothing twice', () => {
    const said = (value: unknown) => after([{ type: 'said', value }]).log.map(({ kind, text }) => `${kind}: ${text}`)
    expect(said('hello')).toEqual(['said: hello'])
    expect(said({ spread: 2, at: [1, 2] })).toEqual(['said: { spread: 2, at: [ 1, 2 ] }'])
    expect(said({ _tag: 'Rejected', words: 'too small' })).toEqual(['trouble: too small'])
    expect(said({ _tag: 'Filled', fill: {} })).toEqual([])
  })

  it('tells an order whose fate is unknown in full', () => {
    expect(after([failed(unknown)]).log[0]?.text).toMatch(/outcome of place_order c is not known/)
  })
})

describe('a gap', () => {
  const gap = (recovered: boolean): AccountEvent => ({
    platform,
    type: 'gap',
    gap: {
      cause: 'connection-lost',
      from: 1_000,
      to: 3_500,
      recovered,
      missing: [{ symbol: 'BTC/USDT', order_no: '1' }] as never,
      appeared: [],
      changed: [],
      positions: [],
      balances: [],
      unanswered: [],
    },
  })
  const orderEvent = (_tag: 'Missing' | 'Reappeared'): AccountEvent => ({
    platform,
    type: 'orderEvent',
    event: { _tag, symbol: 'BTC/USDT', order_no: '1', order: { order_no: '1' } } as never,
  })
  it('is told and counted, and what went meanwhile is no longer open', () => {
    const dashboard = after([order('1', 'SUBMITTED'), orderEvent('Missing'), gap(false)])
    expect(dashboard.log.at(-1)?.text).toBe(
      'connection-lost: notices may have been missed for 2.5 s; open orders: 1 missing',
    )
    expect(accountOf(dashboard)).toMatchObject({ gaps: 1, open: new Map() })
  })
  it('is followed by an order that is open after all', () => {
    const events = [order('1', 'SUBMITTED'), orderEvent('Missing'), orderEvent('Reappeared')]
    expect(accountOf(after(events)).open.size).toBe(1)
  })
  it('is no trouble where the server has sent all again', () => {
    expect(accountOf(after([order('1', 'SUBMITTED'), gap(true)]))).toMatchObject({ gaps: 0 })
  })
})
