import { sma } from 'rxquant/strategy'
import { diagram } from 'rxquant/testing'

export default diagram({
  title: 'sma: the mean of the last prices',
  text: 'Emits nothing until it has as many prices as its period.',
  code: 'sma(3)',
  lanes: `
    close   100  1m 102  1m 104  1m 100  1m 99
    sma                  2m 102  1m 102  1m 101`,
  run: ({ hot }) => ({ sma: hot<number>('close').pipe(sma(3)) }),
})
