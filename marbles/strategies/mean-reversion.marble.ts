import { concatMap, identity, type Observable } from 'rxjs'
import { bollinger, type Intent, limitBuy, limitSell, combineIndicators } from 'rxquant/strategy'
import { diagram } from 'rxquant/testing'
import { intentWords } from 'rxquant/backtest'

export default diagram({
  title: 'Buys below the lower band, sells at the mean',
  text: 'Assumes that a price far from the mean returns to it. Does not buy again while it has a position.',
  code: 'combineIndicators({ close, bands: bollinger({ period: 4, width: 1.5 }) }), …',
  lanes: `
    close     100  1m 102  1m 100  1m 102  1m 94                  1m 93  1m 101
    intents                                4m place(BUY 1 @ 94)          2m place(SELL 1 @ 101)`,
  words: intentWords('BTC/USDT'),
  run: ({ hot }) => {
    let holding = false
    return {
      intents: hot<number>('close').pipe(
        combineIndicators({ close: identity<Observable<number>>, bands: bollinger({ period: 4, width: 1.5 }) }),
        concatMap(({ close, bands }): Intent[] => {
          if (!holding && close < bands.lower) {
            holding = true
            return [limitBuy('BTC/USDT', close, 1)]
          }
          if (holding && close >= bands.middle) {
            holding = false
            return [limitSell('BTC/USDT', close, 1)]
          }
          return []
        }),
      ),
    }
  },
})
