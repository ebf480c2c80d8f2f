import { describe, expect, it } from '@jest/globals'
import type { Observable } from 'rxjs'
import { type Account, type Gateway, outcome } from '../../../src/client/index.js'
import type { PaperOptions, ChaosFault, ChaosFaultName } from '../../../src/gateway/index.js'
import { VirtualScheduler } from '../../../src/time/index.js'
import { PaperWorld } from '../paper-world.js'
import { VirtualGateway } from '../virtual-gateway.js'

const bid = { symbol: 'BTC/USDT', action: 'BUY', price: 50_000, quantity: 0.01, order_type: 'LIMIT' } as const
const ask = { ...bid, action: 'SELL' } as const
/** Without the extensions of ours: what deployed servers are. */
const plain: ChaosFault = { quirk: 'plain' }

/** Anna trades through a gateway with quirks, on which an untroubled market may be made for her. */
class Trial {
  readonly world: PaperWorld
  readonly gateway: Gateway
  readonly anna: Account
  readonly heard = new Map<string, unknown[]>()
  #cids = 0

  constructor(quirks: readonly ChaosFault[], platform = 'huobi', options: PaperOptions = {}) {
    this.world = new PaperWorld({ ...options, chaos: { seed: 3, quirks } })
    this.gateway = this.world.client()
    this.listen('protocol errors', this.gateway.protocolErrors$)
    this.anna = this.world.login('the-key-of-anna', {}, this.gateway, platform)
  }

  /** Collects what a stream says, under a name. */
  listen(name: string, stream$: Observable<unknown>): unknown[] {
    const heard = this.heard.get(name) ?? []
    this.heard.set(name, heard)
    stream$.subscribe({ next: (value) => heard.push(value), error: (error: unknown) => heard.push(error) })
    return heard
  }

  /** How an order ends for Anna within a minute, and when, in ms. */
  place(order: typeof bid | typeof ask | object = bid, withinMs = 60_000) {
    const from = this.world.scheduler.now()
    let at = 0
    const ends: unknown[] = []
    this.anna
      .placeOrder({ ...bid, ...order })
      .pipe(outcome())
      .subscribe((end) => {
        at = this.world.scheduler.now() - from
        ends.push(end)
      })
    this.world.scheduler.advanceBy(withinMs)
    return { end: ends[0] as { _tag: string; cause?: string }, at, count: ends.length }
  }

  /** Somebody else, straight at the exchange. */
  other(order: object): void {
    const venue = this.world.exchange
    const account = 'somebody-else'
    const now = this.world.clock.wall()
    if (!venue.hasAccount(account))
      venue.apply({ type: 'open-account', account, deposits: { USDT: 1e6, BTC: 100 } }, now)
    const { symbol, action, price, quantity, order_type } = { ...ask, ...order }
    venue.apply({ type: 'place', account, symbol, action, price, quantity, order_type, cid: `${++this.#cids}` }, now)
  }

  get orders() {
    const account = this.world.exchange.exactBalances().find((each) => each.account.startsWith('paper-'))!.account
    return this.world.exchange.openOrders(account, 'BTC/USDT')
  }

  struck(quirk: ChaosFaultName): unknown[] {
    return this.world.events.filter((event) => event.type === 'chaos' && event.quirk === quirk)
  }
}

describe('replies', () => {
  it('reply-lost: the order ends Unresolved, and exists once', () => {
    const trial = new Trial([plain, { quirk: 'reply-lost', op: 'place_order', nth: 1 }])
    const { end } = trial.place()
    expect(end).toMatchObject({ _tag: 'Unresolved', cause: 'timeout' })
    expect(trial.orders).toHaveLength(1)
    expect(trial.struck('reply-lost')).toEqual([
      { type: 'chaos', quirk: 'reply-lost', what: 'place_order', connection: 1 },
    ])
    expect(trial.place().end._tag).toBe('Done')
  })

  it('reply-lost, on a server that knows cids: the order is proved to exist', () => {
    const trial = new Trial([{ quirk: 'reply-lost', op: 'place_order', nth: 1 }])
    expect(trial.place().end._tag).toBe('Done')
    expect(trial.orders).toHaveLength(1)
  })

  it('reply-late: the order is settled by it', () => {
    const trial = new Trial([plain, { quirk: 'reply-late', op: 'place_order', afterMs: 12_000 }])
    const { end, at, count } = trial.place()
    expect(end._tag).toBe('Done')
    expect(at).toBe(12_002)
    expect(count).toBe(1)
  })

  it('reply-twice: the command has one result, and the other copy is reported as unmatched', () => {
    const trial = new Trial([{ quirk: 'reply-twice', op: 'place_order', afterMs: 100 }])
    const unmatched = trial.listen('unmatched', trial.gateway.unmatched$)
    const { end, count } = trial.place()
    expect(end._tag).toBe('Done')
    expect(count).toBe(1)
    expect(unmatched).toHaveLength(1)
  })

  it('reply-overtaken: the order’s notice is heard before its reply', () => {
    const trial = new Trial([{ quirk: 'reply-overtaken', op: 'place_order' }])
    const heard: string[] = []
    trial.anna.order$.subscribe(() => heard.push('notice'))
    trial.anna.placeOrder(bid).subscribe(() => heard.push('reply'))
    trial.world.scheduler.advanceBy(100)
    expect(heard).toEqual(['notice', 'reply'])
  })

  it('reply-overtaken, where nothing follows: it comes all the same', () => {
    const trial = new Trial([{ quirk: 'reply-overtaken', op: 'asset', withinMs: 700 }])
    const from = trial.world.scheduler.now()
    let at = 0
    trial.anna.asset().subscribe(() => (at = trial.world.scheduler.now() - from))
    trial.world.scheduler.advanceBy(2_000)
    expect(at).toBe(702)
  })

  it('reply-unsure: a false that is no refusal leaves the fate unknown', () => {
    const trial = new Trial([plain, { quirk: 'reply-unsure' }])
    expect(trial.place().end).toMatchObject({ _tag: 'Unresolved', cause: 'server-unsure' })
    expect(trial.orders).toHaveLength(1)
  })

  it('cancel-silent: the cancel is settled by the order’s end', () => {
    const trial = new Trial([{ quirk: 'cancel-silent' }])
    const { end } = trial.place()
    const { order_no } = (end as unknown as { value: { order_no: string } }).value
    const results = trial.listen('results', trial.anna.cancelOrder({ symbol: 'BTC/USDT', order_nos: [order_no] }))
    trial.world.scheduler.advanceBy(30_000)
    expect(results).toEqual([[{ order_no, result: true, error_message: '' }]])
    expect(trial.struck('cancel-silent')).toHaveLength(1)
  })
})

describe('requests', () => {
  it('request-lost: the order ends Unresolved, and does not exist', () => {
    const trial = new Trial([plain, { quirk: 'request-lost', op: 'place_order' }])
    expect(trial.place().end).toMatchObject({ _tag: 'Unresolved', cause: 'timeout' })
    expect(trial.orders).toEqual([])
  })

  it('token-invalid: the client logs in again, and the next order is accepted', () => {
    const trial = new Trial([{ quirk: 'token-invalid', op: 'place_order', nth: 1 }])
    expect(trial.place().end._tag).toBe('Rejected')
    expect(trial.place().end._tag).toBe('Done')
    expect(trial.orders).toHaveLength(1)
    expect(trial.world.events.filter(({ type }) => type === 'login')).toHaveLength(2)
  })
})

describe('notices', () => {
  const filled = (quirks: readonly ChaosFault[], withinMs = 5_000) => {
    const trial = new Trial(quirks)
    trial.other({ price: 50_000 })
    const fills = trial.listen('fills', trial.anna.fill$)
    const gaps = trial.listen('gaps', trial.anna.gap$)
    const orders = trial.listen('orders', trial.anna.orders('BTC/USDT'))
    trial.world.scheduler.advanceBy(100)
    const { end } = trial.place(bid, withinMs)
    return { trial, fills, gaps, orders, end }
  }

  it('notice-lost: a hole in the numbers is a gap, which is owned up to', () => {
    const { trial, fills, gaps } = filled([{ quirk: 'notice-lost', topic: 'fill' }])
    expect(fills).toEqual([])
    expect(gaps).toHaveLength(1)
    expect(trial.struck('notice-lost')).toHaveLength(1)
  })

  it('notice-late: the fill comes when it comes', () => {
    const { trial, fills } = filled([{ quirk: 'notice-late', topic: 'fill', afterMs: 3_000 }], 2_000)
    expect(fills).toEqual([])
    trial.world.scheduler.advanceBy(2_000)
    expect(fills).toHaveLength(1)
  })

  it('notice-twice: a fill counts once', () => {
    const { fills, trial } = filled([{ quirk: 'notice-twice' }])
    expect(fills).toHaveLength(1)
    expect(trial.struck('notice-twice').length).toBeGreaterThan(2)
  })

  it('notice-overtaken: the fill is heard after the order’s end, and counts', () => {
    const { fills, orders } = filled([{ quirk: 'notice-overtaken', topic: 'fill' }])
    expect(fills).toHaveLength(1)
    expect(orders.at(-1)).toMatchObject({ all: new Map() })
  })

  it('notice-old: an order that is filled stays filled', () => {
    const { orders, trial } = filled([plain, { quirk: 'notice-old' }])
    expect(orders.at(-1)).toMatchObject({ all: new Map() })
    expect(trial.struck('notice-old')).toHaveLength(1)
  })

  it('canceled-first: an order that was reported cancelled is filled', () => {
    const trial = new Trial([{ quirk: 'canceled-first' }])
    trial.other({ price: 50_000 })
    const updates = trial.listen('updates', trial.anna.track(bid))
    trial.world.scheduler.advanceBy(20_000)
    expect(updates.at(-1)).toMatchObject({ order: { status: 'FILLED' } })
  })

  it('asset-hint: the balances are asked for, and right', () => {
    const trial = new Trial([{ quirk: 'asset-hint' }])
    const balances = trial.listen('balances', trial.anna.balances())
    trial.place()
    const { all } = balances.at(-1) as { all: ReadonlyMap<string, unknown> }
    expect(all.get('USDT')).toMatchObject({ free: 99_500, locked: 500 })
    expect(trial.struck('asset-hint').length).toBeGreaterThan(0)
  })
})

describe('values', () => {
  it('nulls: limits, liquidation prices, a MARKET order’s price and what a flat position has none of', () => {
    const trial = new Trial([{ quirk: 'nulls' }], 'huobi_future')
    const info = trial.world.soon(trial.anna.symbolInfo('BTC/USDT'))
    expect(info).toMatchObject({ value_tick: null, value_limit: null, size_limit: null, price_tick: 0.1 })
    const position = trial.world.soon(trial.anna.position('BTC/USDT'))
    expect(position).toMatchObject({ long_liquid_price: null, margin_mode: null, utime: null, long_quantity: 0 })
    expect(trial.heard.get('protocol errors')).toEqual([])
  })

  it('nulls: a fill of whose side in the book nothing is known', () => {
    const trial = new Trial([{ quirk: 'nulls' }])
    trial.other({ price: 50_000 })
    const fills = trial.listen('fills', trial.anna.fill$)
    const orders = trial.listen('orders', trial.anna.order$)
    trial.place({ order_type: 'MARKET', price: 0, quantity: 100 })
    expect(fills).toMatchObject([{ liquidity: null }])
    expect(orders[0]).toMatchObject({ price: null })
  })

  it('negative-zeros: are zeros', () => {
    const trial = new Trial([{ quirk: 'negative-zeros' }])
    const balances = trial.world.soon(trial.anna.asset())
    expect(Object.is(balances['USDT']!.locked, 0)).toBe(true)
    expect(trial.struck('negative-zeros').length).toBeGreaterThan(0)
  })

  it('open-orders-ctime: a partly filled order is not older for that', () => {
    const trial = new Trial([{ quirk: 'open-orders-ctime' }])
    trial.place()
    trial.world.scheduler.advanceBy(1_000)
    trial.other({ price: 50_000, quantity: 0.004 })
    const [order] = trial.world.soon(trial.anna.openOrders('BTC/USDT'))
    expect(order).toMatchObject({ remain: 0.006, status: 'PARTIAL-FILLED' })
    expect(order!.utime).toBe(order!.ctime)
  })

  it('state-unknown: is reported, and changes nothing', () => {
    const trial = new Trial([{ quirk: 'state-unknown', code: 9 }])
    expect(trial.world.soon(trial.anna.state$)).toMatchObject({ code: 9 })
    expect(trial.world.soon(trial.anna.ready$)).toBe(true)
  })

  it('garbage: is reported as a protocol error, and the connection lives', () => {
    const trial = new Trial([{ quirk: 'garbage' }])
    expect(trial.place().end._tag).toBe('Done')
    expect(trial.heard.get('protocol errors')!.length).toBeGreaterThan(3)
    expect(trial.world.events.filter(({ type }) => type === 'disconnected')).toEqual([])
  })

  it('plain: orders carry neither cid nor seq', () => {
    const trial = new Trial([plain])
    const orders = trial.listen('orders', trial.anna.order$)
    trial.place()
    expect(orders[0]).not.toHaveProperty('cid')
    expect(orders[0]).not.toHaveProperty('seq')
  })
})

describe('connections', () => {
  it('connection-cut: an order whose reply was cut off is Unresolved, and the account goes on over a new socket', () => {
    const trial = new Trial([plain, { quirk: 'connection-cut', op: 'place_order', nth: 1 }])
    expect(trial.place().end).toMatchObject({ _tag: 'Unresolved', cause: 'connection-lost' })
    expect(trial.orders).toHaveLength(1)
    expect(trial.world.soon(trial.anna.ready$)).toBe(true)
    expect(trial.world.events.filter(({ type }) => type === 'connected')).toHaveLength(2)
  })

  it('connection-mute: a socket that is open and dead is given up within 15 s', () => {
    const trial = new Trial([{ quirk: 'connection-mute', atMs: 20_000 }])
    trial.world.scheduler.advanceBy(40_000)
    expect(trial.world.events.filter(({ type }) => type === 'connected')).toHaveLength(2)
    expect(trial.world.soon(trial.anna.ready$)).toBe(true)
  })

  it('connection-mute, one way: pings that are not answered kill a socket on which market data still flow', () => {
    const trial = new Trial([{ quirk: 'connection-mute', direction: 'in', atMs: 20_000 }])
    trial.world.scheduler.advanceBy(40_000)
    expect(trial.world.events.filter(({ type }) => type === 'connected').length).toBeGreaterThan(1)
  })

  it('repeat-login: after a cut the login is refused for a while, and tried until it passes', () => {
    const trial = new Trial([
      { quirk: 'connection-cut', op: 'place_order', nth: 1 },
      { quirk: 'repeat-login', forMs: 20_000 },
    ])
    const ready = trial.listen('ready', trial.anna.ready$)
    trial.place(bid, 10_000)
    expect(ready.at(-1)).toBe(false)
    expect(trial.struck('repeat-login').length).toBeGreaterThan(1)
    trial.world.scheduler.advanceBy(30_000)
    expect(ready.at(-1)).toBe(true)
    expect(trial.world.soon(trial.anna.openOrders('BTC/USDT'))).toHaveLength(1)
  })

  it('repeat-login: who has logged out may come again at once', () => {
    const world = new PaperWorld({ chaos: { quirks: [{ quirk: 'repeat-login' }] } })
    const credentials = {
      platform: 'huobi',
      symbols: ['BTC/USDT'],
      access_key: 'a-key-of-bert',
      secret_key: 'a-secret',
    }
    const first = world.client().login(credentials).subscribe()
    world.scheduler.advanceBy(1_000)
    first.unsubscribe()
    world.scheduler.advanceBy(1_000)
    world.login('a-key-of-bert')
    expect(world.events.filter(({ type }) => type === 'chaos')).toEqual([])
  })
})

describe('the exchange behind the gateway', () => {
  it('exchange-outage, at a time: 4, tried again as often as it fails, then READY; what was filled meanwhile is a gap', () => {
    const trial = new Trial([{ quirk: 'exchange-outage', platform: 'huobi', atMs: 5_000, forMs: 3_000, failures: 2 }])
    const states: number[] = []
    trial.anna.state$.subscribe(({ code }) => states.push(code))
    const gaps = trial.listen('gaps', trial.anna.gap$)
    trial.place(bid, 4_500)
    trial.other({ price: 50_000 })
    trial.world.scheduler.advanceBy(30_000)
    expect(states.slice(1)).toEqual([4, 5, 3, 5, 3, 5, 2, 6])
    expect(gaps).toMatchObject([{ cause: 'interface-lost', missing: [{ price: 50_000 }] }])
    expect(trial.struck('exchange-outage')).toEqual([{ type: 'chaos', quirk: 'exchange-outage', what: 'huobi' }])
  })

  it('exchange-outage, at a command: its fate is unknown, and it may have been carried out', () => {
    const trial = new Trial([plain, { quirk: 'exchange-outage', platform: 'huobi', nth: 3 }])
    // The first two are what the client asks of itself, and a query.
    trial.world.soon(trial.anna.asset())
    trial.world.soon(trial.anna.asset())
    expect(trial.place().end).toMatchObject({ _tag: 'Unresolved' })
    expect(trial.orders).toHaveLength(1)
    expect(trial.world.soon(trial.anna.ready$)).toBe(true)
  })

  it('exchange-outage: concerns the platform that it names', () => {
    const trial = new Trial([{ quirk: 'exchange-outage', platform: 'okex' }])
    expect(trial.place().end._tag).toBe('Done')
    expect(trial.struck('exchange-outage')).toEqual([])
  })
})

describe('a frame that nests too deep to be written again', () => {
  const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`

  it.each<[ChaosFaultName, string]>([
    ['plain', `{"op":"asset","token":"x","x":${deep}}`],
    ['repeat-login', `{"op":"login","platform":"huobi","symbols":[],"access_key":${deep},"secret_key":"x"}`],
  ])('is refused as without chaos, with %s', (quirk, frame) => {
    const scheduler = new VirtualScheduler()
    const gateway = new VirtualGateway(new Map(), {}, scheduler, { quirks: [{ quirk }] })
    const client = gateway.connect()
    client.sendText(frame)
    expect(client.frames).toEqual([{ op: 'error', error_message: expect.stringContaining('deeper than 32 levels') }])
    gateway.stop()
  })
})

describe('occasions', () => {
  const lostOf = (quirk: ChaosFault, count: number): number[] => {
    const trial = new Trial([plain, quirk])
    const lost: number[] = []
    for (let nth = 0; nth < count; nth++) {
      const answers: unknown[] = []
      trial.anna.symbolInfo('BTC/USDT').subscribe({ next: (info) => answers.push(info), error: () => undefined })
      trial.world.scheduler.advanceBy(1_000)
      if (answers.length === 0) lost.push(nth)
    }
    return lost
  }

  it('rate: by dice that fall the same way each time', () => {
    const lost = lostOf({ quirk: 'reply-lost', op: 'symbol_info', rate: 0.3 }, 40)
    expect(lost.length).toBeGreaterThan(4)
    expect(lost.length).toBeLessThan(24)
    expect(lostOf({ quirk: 'reply-lost', op: 'symbol_info', rate: 0.3 }, 40)).toEqual(lost)
  })

  it('nth: at those frames, counted from 1', () => {
    expect(lostOf({ quirk: 'reply-lost', op: 'symbol_info', nth: [2, 4] }, 6)).toEqual([1, 3])
  })

  it('atMs: at the first frame from each time on', () => {
    // The login takes the first second.
    expect(lostOf({ quirk: 'reply-lost', op: 'symbol_info', atMs: [2_500, 4_500] }, 6)).toEqual([2, 4])
  })

  it('quirks apply in their order, each to what those before have left', () => {
    const trial = new Trial([
      { quirk: 'reply-twice', op: 'asset' },
      { quirk: 'reply-lost', op: 'asset', nth: 1 },
    ])
    expect(trial.world.soon(trial.anna.asset())).toHaveProperty('USDT')
    expect(trial.struck('reply-lost')).toHaveLength(1)
  })
})
