// Buys when the fast average of the price crosses above the slow one, and sells when it crosses below.
//   npx rxquant run examples/ema-cross.ts --seconds 20
import { distinctUntilChanged, map, merge, sampleTime, share } from 'rxjs'
import type { Ticker } from 'rxquant'
import { ema, execute, iocBuy, iocSell, type PlaceOrder, strategy, combineIndicators } from 'rxquant/strategy'

const QUANTITY = 0.01
/** Largest distance of the limit beyond the best price, as a fraction: fills the order if the market moves. */
const SLIPPAGE = 0.0005
const PRICE_DECIMALS = 1

interface Cross {
  readonly up: boolean
  readonly ticker: Ticker
  readonly words: string
}

const orderFor = ({ up, ticker: { symbol, bid, ask } }: Cross): PlaceOrder =>
  up
    ? iocBuy(symbol, Number((ask * (1 + SLIPPAGE)).toFixed(PRICE_DECIMALS)), QUANTITY)
    : iocSell(symbol, Number((bid * (1 - SLIPPAGE)).toFixed(PRICE_DECIMALS)), QUANTITY)

export default strategy({
  logins: [{ platform: 'huobi', symbols: ['BTC/USDT'], market: ['ticker'] }],
  run: (account) => {
    const cross$ = account.ticker$().pipe(
      sampleTime(250),
      // All three values belong to the same ticker.
      combineIndicators({
        ticker: map((ticker: Ticker) => ticker),
        fast: (ticker$) => ticker$.pipe(map(middle), ema(4)),
        slow: (ticker$) => ticker$.pipe(map(middle), ema(12)),
      }),
      map(
        ({ ticker, fast, slow }): Cross => ({
          up: fast > slow,
          ticker,
          words: `fast ${fast.toFixed(2)} is ${fast > slow ? 'above' : 'below'} slow ${slow.toFixed(2)}`,
        }),
      ),
      // The first relation of the averages counts as a crossing.
      distinctUntilChanged((before, now) => before.up === now.up),
      share(),
    )
    return merge(cross$.pipe(map(({ words }) => words)), cross$.pipe(map(orderFor), execute(account)))
  },
})

const middle = ({ bid, ask }: Ticker): number => (bid + ask) / 2
