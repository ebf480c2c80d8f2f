import { filter, map, share, switchMap } from 'rxjs'
import { crossover, ema, reachTarget, combineIndicators } from 'rxquant/strategy'
import { diagram } from 'rxquant/testing'
import { marketWords, paper } from 'rxquant/backtest'

export default diagram({
  title: 'Follows the trend, long or short: closes one side before it opens the other',
  text: `Long while the fast average of the closes is above the slow one, short while it is below. In hedge mode
both sides can be open at once, so a turn takes two orders: one closes the old side, one opens the new. The
orders go to the real paper exchange.`,
  code: 'combineIndicators({ fast: ema(2), slow: ema(4) }), crossover(), reachTarget(account, …)',
  lanes: `
    market   quote(5 @ 59990, 5 @ 60000)
    close    105  1s 104  1s 103  1s 102  1s 101  1s 106  1s 107  1s 99  1s 98
    fills    5s opened(long 10)   2s (closed(long 10) opened(short 10))`,
  words: {
    ...marketWords(),
    opened: (what: string) => `opened ${what}`,
    closed: (what: string) => `closed ${what}`,
  },
  untilMs: 12_000,
  run: (kit) => {
    const symbol = 'BTC/USDT'
    const settings = { platform: 'huobi_future', market: ['ticker'] } as const
    const account$ = paper(kit, kit.hot('market'), settings).pipe(share())
    const price$ = kit.hot<number>('close').pipe(map(() => ({ buy: 60_000, sell: 59_990 })))
    return {
      fills: account$.pipe(
        switchMap((account) =>
          kit.hot<number>('close').pipe(
            combineIndicators({ fast: ema(2), slow: ema(4) }),
            map(({ fast, slow }) => [fast, slow] as const),
            crossover(),
            map((way) => (way === 'up' ? 10 : -10)),
            reachTarget(account, { symbol, held: { long: 0, short: 0 }, price$ }),
          ),
        ),
        filter((outcome) => outcome._tag === 'Filled'),
        map(({ intent: { action, offset }, fill: { quantity } }) =>
          offset === 'open'
            ? `opened ${action === 'BUY' ? 'long' : 'short'} ${quantity}`
            : `closed ${action === 'BUY' ? 'short' : 'long'} ${quantity}`,
        ),
      ),
    }
  },
})
