// Logs in, prints states, balances, prices and trades for a few seconds, and logs out.
//   npx tsx examples/connect-and-watch.ts                          a paper gateway of its own
//   npx tsx examples/connect-and-watch.ts ws://127.0.0.1:9878/ws/v1
import { concat, map, merge, type Observable, switchMap, takeUntil, throttleTime, timer } from 'rxjs'
import { type Account, connect } from 'rxquant'
import { startPaperGateway } from 'rxquant/gateway'

const WATCH_MS = 5_000

const paper = process.argv[2] === undefined ? await startPaperGateway({ port: 0 }) : undefined
const gateway = connect(process.argv[2] ?? paper?.url ?? '')
const credentials = {
  platform: 'huobi',
  symbols: ['BTC/USDT'],
  access_key: process.env['RXQUANT_ACCESS_KEY'] ?? 'any key will do on paper',
  secret_key: process.env['RXQUANT_SECRET_KEY'] ?? 'and any secret',
}

const watch = (account: Account): Observable<string> =>
  merge(
    account.state$.pipe(map(({ name, msg }) => `state    ${name}: ${msg}`)),
    // A query waits until the login is READY.
    account.asset().pipe(map((assets) => `holds    ${inWords(assets)}`)),
    account.trade$().pipe(map(({ action, quantity, price }) => `trade    ${action} ${quantity} at ${price}`)),
    account.ticker$().pipe(
      throttleTime(1_000),
      map(({ symbol, bid, ask }) => `ticker   ${symbol} ${bid} / ${ask}`),
    ),
  )

const inWords = (assets: Readonly<Record<string, { readonly total: number }>>): string =>
  Object.entries(assets)
    .map(([currency, { total }]) => `${total} ${currency}`)
    .join(', ')

// The subscription is the login. Unsubscribing logs out in the background; drain() logs out and completes when that is done.
const session$ = gateway
  .login(credentials, { market: ['ticker', 'trade'] })
  .pipe(switchMap((account) => concat(watch(account).pipe(takeUntil(timer(WATCH_MS))), account.drain())))

await session$.forEach((line) => console.log(line))
console.log('logged out')
await paper?.close()
