import { map } from 'rxjs'
import { atr } from 'rxquant/strategy'
import { diagram } from 'rxquant/testing'

interface HighLowClose {
  readonly high: number
  readonly low: number
  readonly close: number
}

export default diagram({
  title: 'atr: average range of a bar',
  text: 'The gap from the previous close counts too: the third bar opens far above the second.',
  code: 'atr(2)',
  lanes: `
    bars   bar(102, 98, 100)  1m bar(102, 98, 100)  1m bar(110, 108, 109)
    atr                                             2m 7`,
  words: { bar: (high: number, low: number, close: number): HighLowClose => ({ high, low, close }) },
  run: ({ hot }) => ({
    atr: hot<HighLowClose>('bars').pipe(
      atr(2),
      map((value) => Number(value.toFixed(2))),
    ),
  }),
})
