import { describe, it } from '@jest/globals'
import { ignoreElements, map, merge, mergeMap, switchMap } from 'rxjs'
import { execute, type Intent } from '../../src/strategy/index.js'
import { marbles } from '../../src/testing/index.js'
import { intentWords, marketWords, paper } from '../../src/backtest/index.js'

describe('the real paper exchange in a scenario', () => {
  it('fills an order of a strategy when the market reaches its price', () => {
    marbles({
      lanes: `
        market     quote(1 @ 99, 1 @ 101)  2s quote(1 @ 97, 1 @ 98)
        intents    1s place(BUY 0.5 @ 100)
        fills      2s fill(0.5, 100)`,
      words: {
        ...marketWords(),
        ...intentWords(),
        fill: (quantity: number, price: number) => ({ quantity, price }),
      },
      untilMs: 5000,
      run: (kit) => {
        const intents$ = kit.hot<Intent>('intents')
        const account$ = paper(kit, kit.hot('market'))
        return {
          fills: account$.pipe(
            switchMap((account) => merge(account.fill$, intents$.pipe(execute(account), ignoreElements()))),
            mergeMap((fill) => [fill]),
            map(({ quantity, price }) => ({ quantity, price })),
          ),
        }
      },
    })
  })
})
