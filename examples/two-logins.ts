// Huobi spot and OKX spot over one socket: buys bitcoin on the cheaper exchange and sells on the other at the same time.
// Neither order waits for the other's reply. (A demonstration: after fees it does not make a profit.)
import { combineLatest, filter, map, merge, type Observable, scan, share, throttleTime } from 'rxjs'
import type { Account, Ticker } from 'rxquant'
import { type IntentOutcome, reachTarget, strategy } from 'rxquant/strategy'

const QUANTITY = 0.01
const EVERY_MS = 1_000
/** Largest distance of the limit beyond the best price, as a fraction: fills the order if the market moves. */
const SLIPPAGE = 0.0005

/** Best prices of the account's first symbol. */
const prices = (account: Account): Observable<Ticker> => account.ticker$().pipe(share())

/** Lots bought on Huobi and sold on OKX since the start. */
interface Decision {
  readonly lots: number
  readonly words: string
}

/** Each open lot raises the required price difference, so that positions do not accumulate. */
const decide = (lots: number, huobi: Ticker, okex: Ticker): Decision => {
  const dearerOnOkex = (okex.bid + okex.ask - huobi.bid - huobi.ask) / 2
  const words = `${huobi.symbol} is ${Math.abs(dearerOnOkex).toFixed(2)} ${dearerOnOkex < 0 ? 'cheaper' : 'dearer'} on okex`
  return dearerOnOkex > lots
    ? { lots: lots + 1, words: `${words}: buy on huobi, sell on okex` }
    : { lots: lots - 1, words: `${words}: sell on huobi, buy on okex` }
}

export default strategy({
  logins: [
    { platform: 'huobi', symbols: ['BTC/USDT'], market: ['ticker'] },
    { platform: 'okex', symbols: ['BTC/USDT'], market: ['ticker'] },
  ],
  run: (huobi, okex) => {
    const [here$, there$] = [prices(huobi), prices(okex)]
    const decision$ = combineLatest([here$, there$]).pipe(
      throttleTime(EVERY_MS),
      scan<[Ticker, Ticker], Decision | undefined>((last, [a, b]) => decide(last?.lots ?? 0, a, b), undefined),
      filter((decision) => decision !== undefined),
      share(),
    )
    // reachTarget orders the rest of a leg that is not filled at a later price.
    const hold = (sign: 1 | -1, account: Account, ticker$: Observable<Ticker>): Observable<IntentOutcome> =>
      decision$.pipe(
        map(({ lots }) => sign * lots * QUANTITY),
        reachTarget(account, {
          symbol: 'BTC/USDT',
          price$: ticker$.pipe(map(({ bid, ask }) => ({ buy: ask * (1 + SLIPPAGE), sell: bid * (1 - SLIPPAGE) }))),
        }),
      )
    return merge(decision$.pipe(map(({ words }) => words)), hold(1, huobi, here$), hold(-1, okex, there$))
  },
})
