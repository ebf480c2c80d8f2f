import {
  catchError,
  concatMap,
  EMPTY,
  filter,
  from,
  map,
  merge,
  mergeMap,
  type Observable,
  of,
  take,
  timer,
} from 'rxjs'
import type { Account } from '../../../src/client/index.js'
import type { MarketTopic } from '../../../src/protocol/index.js'
import { type Strategy, strategy } from '../../../src/strategy/index.js'
import { randomOf } from './worlds.js'

/** Settings of a random strategy. */
export interface RandomStrategy {
  readonly seed: number
  readonly platform: string
  readonly symbol: string
  readonly topics: readonly MarketTopic[]
  /** One of so many market notices makes it act. */
  readonly oneIn: number
  /** Sizes of orders are multiples of this. */
  readonly unit: number
  /** True for contracts in hedge mode: orders open and close sides. */
  readonly hedges: boolean
}

const priceOf = (notice: object): number | undefined => {
  if ('close' in notice) return notice.close as number
  if ('price' in notice) return notice.price as number
  if ('bid' in notice) return notice.bid as number
  const [[best] = [undefined]] = (notice as { readonly bids: [number][] }).bids
  return best
}

/**
 * Acts at random: places orders of every type at prices around the market, good ones and bad ones,
 * follows them, cancels one or all, and asks every question. Emits all that it hears.
 */
export const randomStrategy = ({ seed, platform, symbol, topics, oneIn, unit, hedges }: RandomStrategy): Strategy =>
  strategy({
    logins: [{ platform, symbols: [symbol], market: [...topics] }],
    run: (account: Account) => {
      const random = randomOf(seed)
      const pick = <A>(...choices: readonly A[]): A => choices[Math.floor(random() * choices.length)] as A
      const open = new Set<string>()
      const words = (name: string) => (source: Observable<unknown>) =>
        source.pipe(
          map((value) => ({ name, value })),
          catchError((error: unknown) => of({ name, error: (error as Error).message })),
        )

      const order = (price: number) => {
        const action = pick('BUY' as const, 'SELL' as const)
        const order_type = pick('LIMIT' as const, 'LIMIT' as const, 'IOC' as const, 'MARKET' as const)
        const away = (random() - 0.5) * 0.002 * price
        const lots = 1 + Math.floor(random() * 20)
        const isBad = random() < 0.05
        const size =
          order_type === 'MARKET' && action === 'BUY' && !hedges ? Math.round(lots * unit * price) : lots * unit
        return {
          symbol,
          action,
          order_type,
          price: order_type === 'MARKET' ? 0 : Number((price + away).toFixed(isBad ? 4 : 1)),
          quantity: hedges && random() < 0.4 ? -size : size,
        }
      }

      const act = (price: number): Observable<unknown> => {
        const dice = random()
        if (dice < 0.6) return account.track(order(price)).pipe(words('track'))
        if (dice < 0.7) return account.placeOrder(order(price)).pipe(words('placed'))
        if (dice < 0.85 && open.size > 0) {
          const order_nos = [pick(...open)]
          return account.cancelOrder({ symbol, order_nos }).pipe(words('cancel'))
        }
        if (dice < 0.9) return account.cancelOrder({ symbol, order_nos: [] }).pipe(words('cancel all'))
        if (dice < 0.93) return account.openOrders(symbol).pipe(words('open orders'))
        if (dice < 0.95) return account.asset().pipe(words('asset'))
        if (dice < 0.97) return account.position(symbol).pipe(words('position'))
        return timer(Math.floor(random() * 300)).pipe(
          mergeMap(() => account.placeOrder(order(price))),
          words('placed later'),
        )
      }

      const market$ = merge(
        ...topics.map((topic) => {
          if (topic === 'ticker') return account.ticker$(symbol)
          if (topic === 'trade') return account.trade$(symbol)
          return topic === 'kline' ? account.kline$(symbol) : account.orderBook$(symbol)
        }),
      )
      const isOver = (status: string) => status === 'FILLED' || status === 'CANCELED'
      return merge(
        market$.pipe(
          filter(() => random() < 1 / oneIn),
          mergeMap((notice) => {
            const price = priceOf(notice)
            return price === undefined ? EMPTY : merge(of({ name: 'heard', notice }), act(price))
          }),
        ),
        account.order$.pipe(
          mergeMap(({ order_no, status }) => {
            if (isOver(status)) open.delete(order_no)
            else open.add(order_no)
            return EMPTY
          }),
        ),
        account.orderEvent$.pipe(words('event')),
        account.unresolved$.pipe(words('unresolved')),
        account.orders(symbol).pipe(words('orders')),
        account.balances().pipe(words('balances')),
        account.reconciled$.pipe(words('reconciled')),
        account.tradable$.pipe(words('tradable')),
        account.symbolInfo(symbol).pipe(words('symbol')),
        from(platform === 'huobi_future' ? [0] : []).pipe(
          concatMap(() => account.positions(symbol).pipe(words('positions'))),
        ),
      ).pipe(
        map((value, count) => ({ count, value })),
        take(1e6),
      )
    },
  })
