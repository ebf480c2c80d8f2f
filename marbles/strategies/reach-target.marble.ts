import { filter, map, share, switchMap } from 'rxjs'
import { reachTarget } from 'rxquant/strategy'
import { diagram } from 'rxquant/testing'
import { marketWords, paper } from 'rxquant/backtest'

export default diagram({
  title: 'reachTarget brings a position to its target, counted by its own fills',
  text: `A quantity that one round of orders does not fill is ordered at the next price, at least a second
later; a new target is ordered at once. Here 0.4 of 1 is available at first. The orders go to the real paper
exchange.`,
  code: "reachTarget(account, { symbol: 'BTC/USDT', price$ })",
  lanes: `
    market    quote(5 @ 99, 0.4 @ 101)     2s quote(5 @ 99, 5 @ 101)
    target    1s 1                                                      2s 0
    price     1500ms px(101, 99)                 1s px(101, 99)
    fills     1500ms bought(0.4 @ 101)           1s bought(0.6008 @ 101)   500ms sold(0.998798 @ 99)`,
  words: {
    ...marketWords(),
    px: (buy: number, sell: number) => ({ buy, sell }),
    bought: (what: string) => `BUY ${what}`,
    sold: (what: string) => `SELL ${what}`,
  },
  untilMs: 5_000,
  run: (kit) => {
    const account$ = paper(kit, kit.hot('market')).pipe(share())
    return {
      fills: account$.pipe(
        switchMap((account) =>
          kit.hot<number>('target').pipe(reachTarget(account, { symbol: 'BTC/USDT', price$: kit.hot('price') })),
        ),
        filter((outcome) => outcome._tag === 'Filled'),
        map(({ fill: { side, quantity, price } }) => `${side} ${quantity} @ ${price}`),
      ),
    }
  },
})
