import { wma } from 'rxquant/strategy'
import { diagram } from 'rxquant/testing'

export default diagram({
  title: 'wma: the newest of three prices weighs three times as much as the oldest',
  text: 'A linearly weighted mean: follows a jump faster than the simple mean, and drops old prices completely.',
  code: 'wma(3)',
  lanes: `
    close   100  1m 100  1m 100  1m 106  1m 106  1m 106
    wma                  2m 100  1m 103  1m 105  1m 106`,
  run: ({ hot }) => ({ wma: hot<number>('close').pipe(wma(3)) }),
})
