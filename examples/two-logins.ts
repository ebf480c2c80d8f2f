// Huobi spot and OKX spot over one socket: buys where bitcoin is cheaper and sells where it is dearer, both at the same instant.
// Neither order waits for the other's reply. (On paper fees are paid: it trades to be watched, not to win.)
import { combineLatest, filter, map, merge, type Observable, scan, share, throttleTime } from 'rxjs'
import type { Account } from 'rxquant'
import { Ticker } from 'rxquant/protocol'
import { execute, type Intent, iocBuy, iocSell, strategy } from 'rxquant/strategy'

const QUANTITY = 0.01
const EVERY_MS = 1_000

/** The best prices of the account's first symbol, once there are any. */
const prices = (account: Account): Observable<Ticker> =>
  account
    .topic$('ticker', Ticker)
    .pipe(filter(({ symbol, bid, ask }) => symbol === account.symbols[0] && bid > 0 && ask > 0))

/** What to do on each platform. `held`: how many more were bought on Huobi than sold there. */
type Decision = { readonly held: number; readonly words: string; readonly huobi: Intent; readonly okex: Intent }

/** A little through the best price, at which it trades all the same: one leg must not come too late and leave the other alone. */
const through = (price: number, by: number) => Number((price * (1 + by)).toFixed(1))
const buy = ({ symbol, ask }: Ticker) => iocBuy(symbol, through(ask, 0.0005), QUANTITY)
const sell = ({ symbol, bid }: Ticker) => iocSell(symbol, through(bid, -0.0005), QUANTITY)

/** Each one held makes the next dearer by one, so that nothing piles up on either side. */
const decide = (held: number, huobi: Ticker, okex: Ticker): Decision => {
  const dearerOnOkex = (okex.bid + okex.ask - huobi.bid - huobi.ask) / 2
  const words = `${huobi.symbol} is ${Math.abs(dearerOnOkex).toFixed(2)} ${dearerOnOkex < 0 ? 'cheaper' : 'dearer'} on okex`
  return dearerOnOkex > held
    ? { held: held + 1, words: `${words}: buy on huobi, sell on okex`, huobi: buy(huobi), okex: sell(okex) }
    : { held: held - 1, words: `${words}: sell on huobi, buy on okex`, huobi: sell(huobi), okex: buy(okex) }
}

export default strategy({
  logins: [
    { platform: 'huobi', symbols: ['BTC/USDT'], market: ['ticker'] },
    { platform: 'okex', symbols: ['BTC/USDT'], market: ['ticker'] },
  ],
  run: (huobi, okex) => {
    const decision$ = combineLatest([prices(huobi), prices(okex)]).pipe(
      throttleTime(EVERY_MS),
      scan<[Ticker, Ticker], Decision | undefined>((last, [a, b]) => decide(last?.held ?? 0, a, b), undefined),
      filter((decision) => decision !== undefined),
      share(),
    )
    return merge(
      decision$.pipe(map(({ words }) => words)),
      decision$.pipe(
        map((decision) => decision.huobi),
        execute(huobi),
      ),
      decision$.pipe(
        map((decision) => decision.okex),
        execute(okex),
      ),
    )
  },
})
