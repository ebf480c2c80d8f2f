import { type Dashboard, reduceDashboard, newDashboard } from '../../src/cli/dashboard/dashboard.js'
import type { AccountEvent, RunEvent } from '../../src/cli/run/run-event.js'
import type { Fill, Order } from '../../src/protocol/index.js'
import type { RiskState } from '../../src/strategy/index.js'

export const platform = 'huobi'
export const symbol = 'BTC/USDT'

const balance = (total: number, locked = 0) => ({ free: total - locked, locked, total })

export const assets = (usdt: number, btc: number, locked = 0): AccountEvent => ({
  platform,
  type: 'assets',
  assets: { USDT: balance(usdt, locked), BTC: balance(btc) },
})

export const info: AccountEvent = {
  platform,
  type: 'symbol',
  symbol,
  info: {
    price_tick: 0.01,
    size_tick: 0.000001,
    size_limit: 0.00001,
    value_tick: 0.00000001,
    value_limit: 10,
    base_currency: 'BTC',
    quote_currency: 'USDT',
    settlement_currency: 'USDT',
  },
}

export const ticker = (last: number): AccountEvent => ({
  platform,
  type: 'ticker',
  ticker: { symbol, bid: last - 1, ask: last + 1, last, timestamp: 0 },
})

export const order = (order_no: string, status: string, over: Partial<Order> = {}): AccountEvent => ({
  platform,
  type: 'order',
  order: {
    symbol,
    order_no,
    action: 'BUY',
    price: 50_000,
    quantity: 0.1,
    remain: 0.1,
    status,
    order_type: 'LIMIT',
    ctime: 0,
    utime: 0,
    ...over,
  },
})

export const fill = (fill_no: string, over: Partial<Fill> = {}): AccountEvent => ({
  platform,
  type: 'fill',
  fill: {
    symbol,
    order_no: '1',
    fill_no,
    price: 50_000,
    quantity: 0.1,
    side: 'BUY',
    liquidity: 'TAKER',
    ctime: 0,
    ...over,
  },
})

export const gate = (lock: RiskState['lock'], missed = false): AccountEvent => ({
  platform,
  type: 'gate',
  gate: 1,
  risk: {
    lock,
    account: 'known',
    symbols: [
      {
        symbol,
        long: { min: 0, max: 0.02 },
        short: { min: 0, max: 0 },
        working: 1,
        missing: 0,
        missed,
        unknown: 0,
        reference: undefined,
        used: 0.02,
        limits: { orderSize: 0.01, orderValue: 2_000, position: 0.05 },
      },
    ],
    refusals: {},
    lastRefusal: undefined,
  },
})

export const ready: AccountEvent = { platform, type: 'ready', ready: true }

export const fresh = (): Dashboard =>
  newDashboard({
    title: 'two-logins',
    venue: 'paper gateway',
    url: 'ws://127.0.0.1:1/ws/v1',
    logins: [{ platform, symbols: [symbol] }],
  })

/** One event every 100 ms. */
export const after = (events: readonly RunEvent[], start = fresh()): Dashboard =>
  events.reduce((dashboard, event, index) => reduceDashboard(dashboard, { at: 100 * (index + 1), event }), start)

export const accountOf = (dashboard: Dashboard) => {
  const account = dashboard.accounts.get(platform)
  if (account === undefined) throw new Error('no account')
  return account
}
