// Two-exchange arbitrage over one socket: buys BTC on the cheaper exchange and sells on the other when the spread covers
// both fees.
import { auditTime, combineLatest, exhaustMap, filter, map, merge, of, throttleTime, withLatestFrom } from 'rxjs'
import type { Account } from 'rxquant'
import { execute, withRiskLimits, type RiskLimitedAccount, iocBuy, iocSell, strategy } from 'rxquant/strategy'

const symbol = 'BTC/USDT'
/** Order quantity, and largest long or short position on each platform, in BTC. */
const [size, most] = [0.01, 0.1]
/** Fees of both legs plus the smallest profit, as a fraction of the price. */
const costs = 0.003 + 0.0005

const tickers = (account: Account) => account.ticker$(symbol)

const guarded = (account: Account, ticker$: ReturnType<typeof tickers>) =>
  withRiskLimits(account, {
    maxOrderSize: size,
    maxOrderValue: 2_000,
    maxPosition: most,
    reference$: ticker$.pipe(map(({ bid, ask }) => ({ symbol, price: (bid + ask) / 2 }))),
  })

/** Sides that the position limit allows: the risk engine is the last resort. */
const room = ({ risk }: RiskLimitedAccount) =>
  risk.state$.pipe(
    map(({ symbols: [btc] }) => ({
      buys: (btc?.long.max ?? 0) + size <= most,
      sells: (btc?.long.min ?? 0) - size >= -most,
    })),
  )

export default strategy({
  logins: [
    { platform: 'huobi', symbols: [symbol], market: ['ticker'] },
    { platform: 'okex', symbols: [symbol], market: ['ticker'] },
  ],
  run: (huobi, okex) => {
    const [ticker$, other$] = [tickers(huobi), tickers(okex)]
    const [here, there] = [guarded(huobi, ticker$), guarded(okex, other$)]

    return combineLatest([ticker$, other$]).pipe(
      // Wait for both tickers of one instant: a leg at an outdated price fills nothing.
      auditTime(10),
      filter(([ours, theirs]) => Math.abs(ours.timestamp - theirs.timestamp) <= 2_000),
      withLatestFrom(room(here), room(there)),
      map(([[ours, theirs], a, b]) => {
        if (a.buys && b.sells && theirs.bid > ours.ask * (1 + costs))
          return { cheap: here, ask: ours.ask, dear: there, bid: theirs.bid }
        if (b.buys && a.sells && ours.bid > theirs.ask * (1 + costs))
          return { cheap: there, ask: theirs.ask, dear: here, bid: ours.bid }
        return undefined
      }),
      filter((gap) => gap !== undefined),
      // At most one trade a second, and one at a time. IOC leaves no open orders.
      throttleTime(1_000),
      exhaustMap(({ cheap, ask, dear, bid }) =>
        merge(
          of(iocBuy(symbol, ask, size)).pipe(execute(cheap, { onEnd: 'wait' })),
          of(iocSell(symbol, bid, size)).pipe(execute(dear, { onEnd: 'wait' })),
        ),
      ),
    )
  },
})
