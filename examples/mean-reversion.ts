// Mean reversion: buys below the lower Bollinger band of the minute closes, sells at the middle.
import { distinctUntilChanged, identity, map, scan, share } from 'rxjs'
import { bars, bollinger, withRiskLimits, reachTarget, strategy, combineIndicators } from 'rxquant/strategy'

const symbol = 'BTC/USDT'
const size = 0.01

export default strategy({
  logins: [{ platform: 'huobi', symbols: [symbol], market: ['trade', 'ticker'] }],
  run: (account) => {
    const trade$ = account.trade$(symbol).pipe(share())
    const touch$ = account.ticker$(symbol).pipe(map(({ bid, ask }) => ({ buy: ask, sell: bid })))
    const guarded = withRiskLimits(account, {
      maxOrderSize: size,
      maxOrderValue: 5_000,
      maxPosition: size,
      maxDeviation: 0.01,
      reference$: trade$,
      referenceMaxAgeMs: 30_000,
    })
    return trade$.pipe(
      bars({ periodMs: 60_000 }),
      map(({ close }) => close),
      combineIndicators({ close: map(identity<number>), bands: bollinger({ period: 20, width: 2 }) }),
      scan((held, { close, bands }) => (close < bands.lower ? size : close > bands.middle ? 0 : held), 0),
      distinctUntilChanged(),
      reachTarget(guarded, { symbol, price$: touch$ }),
    )
  },
})
