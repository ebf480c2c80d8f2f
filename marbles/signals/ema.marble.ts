import { ema } from 'rxquant/strategy'
import { diagram } from 'rxquant/testing'

export default diagram({
  title: 'ema: a mean in which the newest price has the largest weight',
  text: `After a jump it is nearer to the new price than the simple mean. The weight of the old price never
becomes 0.`,
  code: 'ema(3)',
  lanes: `
    close   100  1m 100  1m 100  1m 108  1m 108
    ema                  2m 100  1m 104  1m 106`,
  run: ({ hot }) => ({ ema: hot<number>('close').pipe(ema(3)) }),
})
