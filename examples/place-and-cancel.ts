// Places an order far below the market, lists it, cancels it, and has two orders refused. Every outcome is a value.
//   npx tsx examples/place-and-cancel.ts [ws://127.0.0.1:9878/ws/v1]
import { concat, concatMap, first, map, merge, type Observable, of, switchMap } from 'rxjs'
import { type Account, connect, type OrderRequest, type Outcome, outcome } from 'rxquant'
import { startPaperGateway } from 'rxquant/gateway'

const symbol = 'BTC/USDT'
const paper = process.argv[2] === undefined ? await startPaperGateway({ port: 0 }) : undefined
const gateway = connect(process.argv[2] ?? paper?.url ?? '')
const credentials = {
  platform: 'huobi',
  symbols: [symbol],
  access_key: process.env['RXQUANT_ACCESS_KEY'] ?? 'any key will do on paper',
  secret_key: process.env['RXQUANT_SECRET_KEY'] ?? 'and any secret',
}

/** Result in words. NotSent and Rejected: no order exists. Unresolved: the order may exist; never send it again blindly. */
const inWords = (end: Outcome<unknown>): string =>
  end._tag === 'Done' ? `done: ${JSON.stringify(end.value)}` : `${end._tag}: ${end.message}`

const place = (account: Account, price: number, quantity: number): Observable<Outcome<{ order_no: string }>> => {
  const order: OrderRequest = { symbol, action: 'BUY', price, quantity, order_type: 'LIMIT' }
  return account.placeOrder(order).pipe(outcome())
}

const trade = (account: Account, price: number): Observable<string> => {
  const openOrders$ = account.openOrders(symbol).pipe(map((orders) => `open     ${orders.length} orders`))
  return concat(
    place(account, price, 0.01).pipe(
      concatMap((end) => {
        if (end._tag !== 'Done') return of(`place    ${inWords(end)}`)
        const { order_no } = end.value
        const cancel$ = account.cancelOrder({ symbol, order_nos: [order_no] }).pipe(outcome(), map(inWords))
        const words = (line: string) => `cancel   ${line}`
        return concat(of(`place    ${inWords(end)}`), openOrders$, cancel$.pipe(map(words)), openOrders$)
      }),
    ),
    place(account, price, 1_000).pipe(map((end) => `too much ${inWords(end)}`)),
    place(account, Number.NaN, 0.01).pipe(map((end) => `nonsense ${inWords(end)}`)),
    account.drain(),
  )
}

const session$ = gateway.login(credentials, { market: ['ticker'] }).pipe(
  switchMap((account) => {
    const price$ = account.ticker$(symbol).pipe(
      first(),
      map(({ bid }) => Math.round(bid * 0.9)),
    )
    const notice$ = account.order$.pipe(map(({ order_no, status }) => `notice   ${order_no} ${status}`))
    return merge(notice$, price$.pipe(switchMap((price) => trade(account, price))))
  }),
)

await session$.forEach((line) => console.log(line))
await paper?.close()
