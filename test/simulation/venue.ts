import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Subject, Subscription } from 'rxjs'
import {
  type AdapterEvent,
  type AdapterSession,
  type PaperPlatform,
  paperPlatforms,
  Secret,
} from '../../src/gateway/index.js'
import type { SymbolSpec } from '../../src/exchange/index.js'
import type { MarketEvent } from '../../src/market/index.js'
import type { Fill, Order } from '../../src/protocol/index.js'
import type { Clock, VirtualScheduler } from '../../src/time/index.js'
import type { Dice } from './dice.js'
import { type Machine, startMs } from './machine.js'
import type { SimulatedDisk } from './disk.js'

/** What really happened to one order. */
export interface TrueOrder {
  order: Order
  readonly cid: string | undefined
  readonly at: number
  readonly fills: { readonly fill: Fill; readonly at: number }[]
}

/**
 * Where the exchange lives. `remote`: behind the gateway, which it outlives. `remote, cids`: so, and the gateway remembers cids for as
 * long as it lives. `journal`: inside the gateway, and comes back with it. `memory`: inside the gateway, and dies with it.
 */
export type Home = 'remote' | 'remote, cids' | 'journal' | 'memory'

export const keys = { access: 'sim-access-key', secret: 'sim-secret-key' } as const

export const symbol = 'BTC/USDT'

const spot: SymbolSpec = {
  symbol,
  kind: 'spot',
  base: 'BTC',
  quote: 'USDT',
  priceTick: '0.01',
  sizeTick: '0.000001',
  sizeLimit: '0.00001',
  valueTick: '0.00000001',
  valueLimit: '1',
  makerFee: '0.002',
  takerFee: '0.002',
}

const contract: SymbolSpec = {
  symbol,
  kind: 'linear',
  base: 'BTC',
  quote: 'USDT',
  priceTick: '0.01',
  faceValue: '0.001',
  sizeLimit: '1',
  makerFee: '0.0002',
  takerFee: '0.0004',
  leverage: 10,
  marginMode: 'crossed',
  adjustmentFactor: '0.1',
  liquidationFee: '0.0025',
  fundingRate: '0.0001',
}

/** In memory where the system offers that: flushing to a real disk is a tenth of a run's time, and no run loses power. */
const journalRoot = (): string => {
  try {
    accessSync('/dev/shm', constants.W_OK)
    return '/dev/shm'
  } catch {
    return tmpdir()
  }
}

const specOf = (spec: SymbolSpec, name: string): SymbolSpec => ({
  ...spec,
  symbol: name,
  base: name.split('/')[0] ?? '',
})

export interface VenueOptions {
  readonly name: string
  readonly home: Home
  /** Trades a contract that is held long and short at once, rather than coins. */
  readonly contracts: boolean
  readonly symbols: readonly string[]
  readonly scheduler: VirtualScheduler
  readonly dice: Dice
  readonly onOrder: (order: TrueOrder, isNew: boolean) => void
  readonly onFill: (fill: Fill, order: TrueOrder) => void
}

/** An exchange, and the truth about one account there. */
export class Venue {
  readonly name: string
  readonly home: Home
  readonly contracts: boolean
  readonly orders = new Map<string, TrueOrder>()
  readonly byCid = new Map<string, string[]>()
  readonly fills = new Map<string, { readonly fill: Fill; readonly at: number }>()
  midPrice = 1_000
  downUntil = 0
  readonly #dropped$ = new Subject<number>()
  /** Emits when the gateway's connection to it falls: how long until the next attempt. */
  readonly dropped$ = this.#dropped$.asObservable()
  readonly #options: VenueOptions
  readonly #market$ = new Subject<MarketEvent>()
  #folder: string | undefined
  #platform: PaperPlatform | undefined
  #session: AdapterSession | undefined
  /** The number of the last notice that our eyes have seen. */
  #seen = -1
  #running = new Subscription()

  constructor(options: VenueOptions) {
    this.#options = options
    this.name = options.name
    this.home = options.home
    this.contracts = options.contracts
  }

  /** Whether it lives in a gateway's process. */
  get isInside(): boolean {
    return this.home === 'journal' || this.home === 'memory'
  }

  get platform(): PaperPlatform {
    if (this.#platform === undefined) throw new Error(`${this.name} is not running`)
    return this.#platform
  }

  /** Our own eyes there; none while it is not running. */
  get session(): AdapterSession | undefined {
    return this.#session
  }

  /** The gateway's connection to it falls. */
  dropLine(retryInMs: number): void {
    this.#dropped$.next(retryInMs)
  }

  /** A gateway begins: what lives in it begins with it. */
  start(machine: Machine, disk: SimulatedDisk): PaperPlatform {
    if (this.#platform !== undefined) return this.#platform
    const { scheduler } = this.#options
    if (this.home === 'memory') this.#forget()
    const clock: Clock = this.isInside
      ? machine.clock
      : { wall: () => startMs + scheduler.now(), monotonic: () => scheduler.now() }
    if (this.home === 'journal') this.#folder ??= mkdtempSync(join(journalRoot(), 'rxquant-simulation-'))
    const platform = paperPlatforms({
      platforms: new Map([
        [this.name, this.#options.symbols.map((each) => specOf(this.contracts ? contract : spot, each))],
      ]),
      startBalances: { USDT: 1_000_000, BTC: 1_000 },
      clock,
      scheduler: this.isInside ? machine.scheduler : scheduler,
      seed: 1,
      market: () => this.#market$,
      ...(this.#folder === undefined ? {} : { journal: this.#folder, journalOptions: { disk, compactBytes: 4_000 } }),
    }).get(this.name)
    if (platform === undefined) throw new Error('no such platform')
    this.#platform = platform
    const session = platform.open({
      symbols: [...this.#options.symbols],
      accessKey: new Secret(keys.access),
      secretKey: new Secret(keys.secret),
      market: [],
    })
    this.#session = session
    this.#running = new Subscription()
    this.#running.add(platform.background$?.subscribe())
    // What it did at its start, when nobody could listen: what was written before the kill, and what it had promised in case of one.
    for (const missed of session.history?.since(this.#seen) ?? []) this.#told({ _tag: 'notice', ...missed })
    this.#running.add(session.event$.subscribe((event) => this.#told(event)))
    return platform
  }

  #told(event: AdapterEvent): void {
    if (event._tag !== 'notice' || (event.topic !== 'order' && event.topic !== 'fill')) return
    this.#seen = event.data.seq ?? this.#seen
    if (event.topic === 'order') this.#orderTold(event.data)
    else this.#fillTold(event.data)
  }

  /** The gateway is gone; what lived in it is gone too. */
  stop(): void {
    if (this.isInside) this.end()
  }

  end(): void {
    this.#running.unsubscribe()
    this.#platform?.close()
    this.#platform = undefined
    this.#session = undefined
  }

  /** Leaves nothing on the disk. */
  cleanUp(): void {
    this.end()
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true })
  }

  #orderTold(order: Order): void {
    const { scheduler, onOrder } = this.#options
    const known = this.orders.get(order.order_no)
    if (known !== undefined) {
      known.order = order
      onOrder(known, false)
      return
    }
    const { cid } = order
    const made: TrueOrder = { order, cid, at: scheduler.now(), fills: [] }
    this.orders.set(order.order_no, made)
    if (cid !== undefined) this.byCid.set(cid, [...(this.byCid.get(cid) ?? []), order.order_no])
    onOrder(made, true)
  }

  #fillTold(fill: Fill): void {
    const { scheduler, onFill } = this.#options
    const order = this.orders.get(fill.order_no)
    if (order === undefined) throw new Error(`a fill of ${fill.order_no}, which nobody placed`)
    order.fills.push({ fill, at: scheduler.now() })
    this.fills.set(fillKey(fill), { fill, at: scheduler.now() })
    onFill(fill, order)
  }

  /** All that was open is gone with the process. */
  #forget(): void {
    for (const known of this.orders.values()) {
      if (isOpen(known)) known.order = { ...known.order, status: 'FAILED' }
    }
  }

  /** The rest of the market moves. */
  moveMarket(): void {
    const { dice, scheduler } = this.#options
    this.midPrice = Math.round((this.midPrice + dice.between(-3, 3)) * 100) / 100
    const mid = this.midPrice
    const timestamp = startMs + scheduler.now()
    const level = (off: number): [number, number] => [
      Math.round((mid + off) * 100) / 100,
      Math.round(dice.between(0.001, 0.05) * 1e6) / 1e6,
    ]
    this.#market$.next({
      type: 'quote',
      symbol,
      bids: [level(-1), level(-2)],
      asks: [level(1), level(2)],
      timestamp,
    })
    if (dice.chance(0.5)) {
      const buys = dice.chance(0.5)
      this.#market$.next({
        type: 'take',
        symbol,
        action: buys ? 'BUY' : 'SELL',
        price: mid + (buys ? 4 : -4),
        quantity: Math.round(dice.between(0.001, 0.02) * 1e6) / 1e6,
        timestamp,
      })
    }
  }
}

export const isOpen = ({ order }: TrueOrder): boolean =>
  order.status === 'SUBMITTED' || order.status === 'PARTIAL-FILLED'

/** The signed quantity that an order was sent with: of contracts the sign tells long from short, and notices leave it out. */
export const signedQuantityOf = ({ action, quantity, offset }: Order): number =>
  offset === undefined || (action === 'BUY') === (offset === 'open') ? quantity : -quantity

export const fillKey = ({ symbol: of, order_no, fill_no }: Fill): string => JSON.stringify([of, order_no, fill_no])
