import { map } from 'rxjs'
import { adx } from 'rxquant/strategy'
import { diagram } from 'rxquant/testing'

interface HighLowClose {
  readonly high: number
  readonly low: number
  readonly close: number
}

export default diagram({
  title: 'adx: strength of a trend, up or down',
  text: 'Bars that rise evenly are a trend of full strength.',
  code: 'adx(2)',
  lanes: `
    bars   bar(2, 0, 1)  1m bar(3, 1, 2)  1m bar(4, 2, 3)  1m bar(5, 3, 4)  1m bar(3, 1, 2)
    adx                                                    3m 100          1m 70`,
  words: { bar: (high: number, low: number, close: number): HighLowClose => ({ high, low, close }) },
  run: ({ hot }) => ({
    adx: hot<HighLowClose>('bars').pipe(
      adx(2),
      map((value) => Math.round(value)),
    ),
  }),
})
