import { identity, type Observable } from 'rxjs'
import { sma, combineIndicators } from 'rxquant/strategy'
import { diagram } from 'rxquant/testing'

export default diagram({
  title: 'combineIndicators: several indicators of one series, in step',
  text: `Emits the results of all indicators for the same price. zip would pair the first result of the slow
average with the first of the fast one, which belong to different prices.`,
  code: 'combineIndicators({ close: identity, fast: sma(2), slow: sma(3) })',
  lanes: `
    close   100  1m 102  1m 104               1m 106
    study                2m row(104, 103, 102) 1m row(106, 105, 104)`,
  words: { row: (close: number, fast: number, slow: number) => ({ close, fast, slow }) },
  run: ({ hot }) => ({
    study: hot<number>('close').pipe(
      combineIndicators({ close: identity<Observable<number>>, fast: sma(2), slow: sma(3) }),
    ),
  }),
})
