import { map, NEVER, of } from 'rxjs'
import type { Account, OrderEvent } from 'rxquant'
import { keepQuotes } from 'rxquant/strategy'
import { diagram } from 'rxquant/testing'

let orders = 0

/** Account whose commands succeed at once, with the order events of the diagram. */
const account = (orderEvent$: Account['orderEvent$']): Account =>
  ({
    orderEvent$,
    unresolved$: NEVER,
    tradable$: NEVER,
    symbolInfo: () =>
      of({
        ...{ price_tick: 1, size_tick: 0.001, size_limit: 0.001, value_tick: 1, value_limit: 1 },
        ...{ base_currency: 'BTC', quote_currency: 'USDT', settlement_currency: 'USDT' },
      }),
    track: () => of({ _tag: 'Placed', placed: { order_no: `o${(orders += 1)}`, cid: 'c' } }),
    cancelOrder: ({ order_nos }: { order_nos: readonly string[] }) =>
      of(order_nos.map((order_no) => ({ order_no, result: true, error_message: '' }))),
  }) as Partial<Account> as Account

const ended = (order_no: string): OrderEvent => {
  const name = { symbol: 'BTC/USDT', order_no, cid: 'c' }
  const terms = { action: 'BUY', price: 99, quantity: 1, order_type: 'LIMIT', ctime: 0, utime: 0 } as const
  const order = { ...name, ...terms, remain: 1, status: 'CANCELED', filled: 0, averagePrice: 0 }
  return { _tag: 'Closed', reason: 'CANCELED', ...name, order }
}

export default diagram({
  title: 'keepQuotes places a new quote only after the old order has ended',
  text: `The price moves to 98 and then to 97. keepQuotes cancels the order at 99 once. The new order waits for
the closing event, and is placed at the latest quote.`,
  code: "keepQuotes(account, { symbol: 'BTC/USDT' })",
  lanes: `
    bid      99 1s 98 200ms 97
    notices  1500ms gone
    told     at99 1s cancel 500ms (over at97)
  `,
  values: {
    gone: ended('o1'),
    at99: 'Placed 99',
    cancel: 'Canceled',
    over: 'Ended 99',
    at97: 'Placed 97',
  },
  run: ({ hot }) => {
    orders = 0
    return {
      told: hot<number>('bid').pipe(
        map((price) => ({ bid: { price, quantity: 1 } })),
        keepQuotes(account(hot('notices')), { symbol: 'BTC/USDT' }),
        map((outcome) => ('price' in outcome.intent ? `${outcome._tag} ${outcome.intent.price}` : outcome._tag)),
      ),
    }
  },
})
