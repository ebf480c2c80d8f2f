import { distinctUntilChanged, map, share, switchMap } from 'rxjs'
import { execute, type Intent } from 'rxquant/strategy'
import { diagram } from 'rxquant/testing'
import { intentWords, marketWords, paper } from 'rxquant/backtest'

export default diagram({
  title: 'The same intents on the real paper exchange',
  text: `Nothing is scripted: the intents pass through the real client and gateway to a paper exchange whose
market is the first lane. The first order rests until a trade fills it; the second finds no liquidity and fills
nothing.`,
  code: 'execute(account)',
  lanes: `
    market    quote(5 @ 99, 5 @ 101)  2s take(SELL 0.4 @ 100)  2s quote(5 @ 104, 5 @ 106)
    intents   1s place(BUY 1 @ 100)               4s place(BUY 1 @ 105 IOC)
    told      1s placed       1s filled(0.4)      3s (placed ended)
    free      100000  1s 99900`,
  values: { placed: 'Placed', ended: 'Ended' },
  words: { ...marketWords(), ...intentWords(), filled: (quantity: number) => `Filled ${quantity}` },
  untilMs: 7000,
  run: (kit) => {
    const account$ = paper(kit, kit.hot('market')).pipe(share())
    const intents$ = kit.hot<Intent>('intents')
    return {
      told: account$.pipe(
        switchMap((account) => intents$.pipe(execute(account))),
        map((outcome) => (outcome._tag === 'Filled' ? `Filled ${outcome.fill.quantity}` : outcome._tag)),
      ),
      free: account$.pipe(
        switchMap((account) => account.balances()),
        map(({ all }) => all.get('USDT')?.free),
        distinctUntilChanged(),
      ),
    }
  },
})
