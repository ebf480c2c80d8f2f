import { map } from 'rxjs'
import { rsi } from 'rxquant/strategy'
import { diagram } from 'rxquant/testing'

export default diagram({
  title: 'rsi: how much of the movement went up',
  text: '100 when every price was higher than the one before, 0 when every price was lower.',
  code: 'rsi(2)',
  lanes: `
    close   100  1m 101  1m 102  1m 101  1m 100  1m 99
    rsi                  2m 100  1m 50   1m 25   1m 12.5`,
  run: ({ hot }) => ({
    rsi: hot<number>('close').pipe(
      rsi(2),
      map((value) => Number(value.toFixed(1))),
    ),
  }),
})
