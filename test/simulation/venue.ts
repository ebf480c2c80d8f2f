import { Subject, type Subscription } from 'rxjs'
import { type ExchangeSession, type PaperPlatform, paperPlatforms, Secret } from '../../src/gateway/index.js'
import type { SymbolSpec } from '../../src/exchange/index.js'
import type { MarketEvent } from '../../src/market/index.js'
import type { Fill, Order } from '../../src/protocol/index.js'
import type { VirtualScheduler } from '../../src/time/index.js'
import type { Dice } from './dice.js'
import { startMs } from './machine.js'

/** What really happened to one order. */
export interface TrueOrder {
  order: Order
  readonly cid: string | undefined
  readonly at: number
  readonly fills: { readonly fill: Fill; readonly at: number }[]
}

export const keys = { access: 'sim-access-key', secret: 'sim-secret-key' } as const

export const symbol = 'BTC/USDT'

const specs: readonly SymbolSpec[] = [
  {
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
  },
]

/** The exchange behind the gateway, which outlives it, and the truth about one account there. */
export class Venue {
  readonly platform: PaperPlatform
  readonly orders = new Map<string, TrueOrder>()
  readonly byCid = new Map<string, string[]>()
  readonly fills = new Map<string, { readonly fill: Fill; readonly at: number }>()
  midPrice = 1_000
  /** Emits when the gateway's connection to it falls: how long until it is back. */
  readonly #drop$ = new Subject<number>()
  readonly drop$ = this.#drop$.asObservable()
  downUntil = 0
  readonly session: ExchangeSession
  readonly #market$ = new Subject<MarketEvent>()
  readonly #running: Subscription
  readonly #scheduler: VirtualScheduler
  readonly #dice: Dice

  /** The gateway's connection to it falls, for so long. */
  drop(forMs: number): void {
    this.#drop$.next(forMs)
  }

  constructor(
    readonly name: string,
    scheduler: VirtualScheduler,
    dice: Dice,
    onOrder: (order: TrueOrder, isNew: boolean) => void,
    onFill: (fill: Fill, order: TrueOrder) => void,
  ) {
    this.#scheduler = scheduler
    this.#dice = dice
    const clock = { wall: () => startMs + scheduler.now(), monotonic: () => scheduler.now() }
    const platforms = paperPlatforms({
      platforms: new Map([[name, specs]]),
      startBalances: { USDT: 1_000_000, BTC: 1_000 },
      clock,
      scheduler,
      seed: 1,
      market: () => this.#market$,
    })
    const platform = platforms.get(name)
    if (platform === undefined) throw new Error('no such platform')
    this.platform = platform
    this.#running = platform.background$?.subscribe() ?? new Subject().subscribe()
    this.session = platform.open({
      symbols: [symbol],
      accessKey: new Secret(keys.access),
      secretKey: new Secret(keys.secret),
      market: [],
    })
    this.#running.add(
      this.session.event$.subscribe((event) => {
        if (event._tag !== 'notice') return
        if (event.topic === 'order') {
          const { order_no, cid } = event.data
          const known = this.orders.get(order_no)
          if (known === undefined) {
            const made: TrueOrder = { order: event.data, cid, at: scheduler.now(), fills: [] }
            this.orders.set(order_no, made)
            if (cid !== undefined) this.byCid.set(cid, [...(this.byCid.get(cid) ?? []), order_no])
            onOrder(made, true)
          } else {
            known.order = event.data
            onOrder(known, false)
          }
        } else if (event.topic === 'fill') {
          const order = this.orders.get(event.data.order_no)
          if (order === undefined) throw new Error(`a fill of ${event.data.order_no}, which nobody placed`)
          order.fills.push({ fill: event.data, at: scheduler.now() })
          this.fills.set(fillKey(event.data), { fill: event.data, at: scheduler.now() })
          onFill(event.data, order)
        }
      }),
    )
  }

  /** The rest of the market moves. */
  moveMarket(): void {
    const dice = this.#dice
    this.midPrice = Math.round((this.midPrice + dice.between(-3, 3)) * 100) / 100
    const mid = this.midPrice
    const timestamp = startMs + this.#scheduler.now()
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

  stop(): void {
    this.#running.unsubscribe()
  }
}

export const fillKey = ({ symbol: of, order_no, fill_no }: Fill): string => JSON.stringify([of, order_no, fill_no])
