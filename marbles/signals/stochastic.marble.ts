import { map } from 'rxjs'
import { stochastic } from 'rxquant/strategy'
import { diagram } from 'rxquant/testing'

interface HighLowClose {
  readonly high: number
  readonly low: number
  readonly close: number
}

export default diagram({
  title: 'stochastic: place of the close in the range of the last bars',
  text: '100 at the top of the range, 0 at its bottom.',
  code: 'stochastic({ period: 2, slowing: 1, signal: 1 })',
  lanes: `
    bars   bar(110, 100, 105)  1m bar(110, 100, 110)  1m bar(110, 100, 100)  1m bar(110, 100, 105)
    k                          1m 100                 1m 0                   1m 50`,
  words: { bar: (high: number, low: number, close: number): HighLowClose => ({ high, low, close }) },
  run: ({ hot }) => ({
    k: hot<HighLowClose>('bars').pipe(
      stochastic({ period: 2, slowing: 1, signal: 1 }),
      map(({ k }) => k),
    ),
  }),
})
