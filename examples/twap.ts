// TWAP: buys an amount in equal slices over time. What one slice does not get, the next makes up for.
import { map, share, take, timer } from 'rxjs'
import { withRiskLimits, reachTarget, strategy } from 'rxquant/strategy'

const symbol = 'BTC/USDT'
const total = 0.1
const slices = 20
const everyMs = 3_000
/** How much above the best ask a slice may be bought, to be filled at once. */
const slippage = 0.0005

export default strategy({
  logins: [{ platform: 'huobi', symbols: [symbol], market: ['ticker'] }],
  run: (account) => {
    const ticker$ = account.ticker$(symbol).pipe(share())
    const guarded = withRiskLimits(account, {
      // A market that is silent for a minute lets slices pile up.
      maxOrderSize: total,
      maxOrderValue: 10_000,
      maxPosition: total,
      reference$: ticker$.pipe(map(({ bid, ask }) => ({ symbol, price: (bid + ask) / 2 }))),
    })
    return timer(0, everyMs).pipe(
      take(slices),
      map((slice) => (total * (slice + 1)) / slices),
      reachTarget(guarded, {
        symbol,
        price$: ticker$.pipe(map(({ bid, ask }) => ({ buy: ask * (1 + slippage), sell: bid * (1 - slippage) }))),
      }),
    )
  },
})
