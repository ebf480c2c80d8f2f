// Trend follower on hedge-mode contracts: long while the fast average of the half-minute closes is above the slow one,
// short while it is below.
import { map, share } from 'rxjs'
import { bars, crossover, ema, withRiskLimits, reachTarget, strategy, combineIndicators } from 'rxquant/strategy'

const symbol = 'BTC/USDT'
/** Position size, in contracts of 0.001 BTC. */
const size = 10

export default strategy({
  logins: [{ platform: 'huobi_future', symbols: [symbol], market: ['trade', 'ticker'] }],
  run: (account) => {
    const trade$ = account.trade$(symbol).pipe(share())
    const touch$ = account.ticker$(symbol).pipe(map(({ bid, ask }) => ({ buy: ask, sell: bid })))
    const guarded = withRiskLimits(account, {
      contracts: [symbol],
      maxOrderSize: size,
      // Price × contracts. A contract is 0.001 BTC, so this allows 1,500 USDT of notional.
      maxOrderValue: 1_500_000,
      maxPosition: size,
      reference$: trade$,
      referenceMaxAgeMs: 60_000,
    })
    return trade$.pipe(
      bars({ periodMs: 30_000 }),
      map(({ close }) => close),
      combineIndicators({ fast: ema(6), slow: ema(18) }),
      map(({ fast, slow }) => [fast, slow] as const),
      crossover(),
      map((way) => (way === 'up' ? size : -size)),
      reachTarget(guarded, { symbol, held: { long: 0, short: 0 }, price$: touch$ }),
    )
  },
})
