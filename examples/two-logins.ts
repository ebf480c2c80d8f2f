// Huobi spot and OKX spot over one socket: buys where bitcoin is cheaper and sells where it is dearer, both at the same instant.
// Neither order waits for the other's reply. (On paper fees are paid: it trades to be watched, not to win.)
import { combineLatest, filter, map, merge, type Observable, scan, share, throttleTime } from 'rxjs'
import type { Account, Ticker } from 'rxquant'
import { type IntentOutcome, reachTarget, strategy } from 'rxquant/strategy'

const QUANTITY = 0.01
const EVERY_MS = 1_000
/** How far through the best price an order may trade: enough to be filled when the market has moved on. */
const SLIPPAGE = 0.0005

/** The best prices of the account's first symbol, once there are any. */
const prices = (account: Account): Observable<Ticker> => account.ticker$().pipe(share())

/** How many more lots to hold on Huobi than at the start, and as many fewer on OKX. */
interface Decision {
  readonly lots: number
  readonly words: string
}

/** Each one held makes the next dearer by one, so that nothing piles up on either side. */
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
    // A leg that comes too late for its price is made up for at a later one: what counts is what is held.
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
