// Two-exchange arbitrage over one socket: buys where BTC is cheap and sells where it is dear, when the gap pays for both fees.
import { concat, defer, exhaustMap, filter, ignoreElements, map, merge, type Observable, of, share, timer } from 'rxjs'
import type { Account } from 'rxquant'
import { Ticker } from 'rxquant/protocol'
import { asOf, execute, guard, iocBuy, iocSell, strategy } from 'rxquant/strategy'

const symbol = 'BTC/USDT'
const size = 0.01

/** What the two legs cost in fees, and what should be left, as a fraction of the price. */
const costs = 0.003 + 0.0005

const tickers = (account: Account): Observable<Ticker> =>
  account.topic$('ticker', Ticker).pipe(
    filter((ticker) => ticker.symbol === symbol && ticker.bid > 0 && ticker.ask > 0),
    share(),
  )

const guarded = (account: Account, ticker$: Observable<Ticker>) =>
  guard(account, {
    maxOrderSize: size,
    maxOrderValue: 2_000,
    maxPosition: 10 * size,
    reference$: ticker$.pipe(map(({ bid, ask }) => ({ symbol, price: (bid + ask) / 2 }))),
  })

export default strategy({
  logins: [
    { platform: 'huobi', symbols: [symbol], market: ['ticker'] },
    { platform: 'okex', symbols: [symbol], market: ['ticker'] },
  ],
  run: (huobi, okex) => {
    const [ticker$, other$] = [tickers(huobi), tickers(okex)]
    const [here, there] = [guarded(huobi, ticker$), guarded(okex, other$)]
    const at = ({ timestamp }: Ticker) => timestamp

    return merge(
      ticker$.pipe(asOf(other$, { at, otherAt: at, toleranceMs: 2_000 })),
      other$.pipe(
        asOf(ticker$, { at, otherAt: at, toleranceMs: 2_000 }),
        map(([theirs, ours]) => [ours, theirs] as const),
      ),
    ).pipe(
      map(([ours, theirs]) => {
        if (theirs.bid > ours.ask * (1 + costs)) return { cheap: here, ask: ours.ask, dear: there, bid: theirs.bid }
        if (ours.bid > theirs.ask * (1 + costs)) return { cheap: there, ask: theirs.ask, dear: here, bid: ours.bid }
        return undefined
      }),
      filter((gap) => gap !== undefined),
      // One at a time: both legs must be over before the next. IOC leaves nothing behind in the books.
      exhaustMap(({ cheap, ask, dear, bid }) =>
        concat(
          merge(
            of(iocBuy(symbol, ask, size)).pipe(execute(cheap, { onEnd: 'wait' })),
            of(iocSell(symbol, bid, size)).pipe(execute(dear, { onEnd: 'wait' })),
          ),
          defer(() => timer(1_000)).pipe(ignoreElements()),
        ),
      ),
    )
  },
})
