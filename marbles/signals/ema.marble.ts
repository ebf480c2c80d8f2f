import { ema } from 'rxquant/strategy'
import { diagram } from 'rxquant/testing'

export default diagram({
  title: 'ema: a mean in which the newest price weighs most',
  text: 'After a jump it is nearer to the new price than the simple mean, and it never quite forgets the old one.',
  code: 'ema(3)',
  lanes: `
    close   100  1m 100  1m 100  1m 108  1m 108
    ema                  2m 100  1m 104  1m 106`,
  run: ({ hot }) => ({ ema: hot<number>('close').pipe(ema(3)) }),
})
