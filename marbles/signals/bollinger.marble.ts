import { map } from 'rxjs'
import { bollinger } from 'rxquant/strategy'
import { diagram } from 'rxquant/testing'

export default diagram({
  title: 'bollinger: a moving average with bands of two standard deviations',
  text: 'A constant price has bands of width 0; a jump widens them.',
  code: 'bollinger({ period: 3, width: 2 })',
  lanes: `
    close   100  1m 100  1m 100                  1m 103
    bands                2m bands(100, 100, 100) 1m bands(98.17, 101, 103.83)`,
  words: { bands: (lower: number, middle: number, upper: number) => ({ lower, middle, upper }) },
  run: ({ hot }) => {
    const round = (value: number) => Number(value.toFixed(2))
    return {
      bands: hot<number>('close').pipe(
        bollinger({ period: 3, width: 2 }),
        map(({ lower, middle, upper }) => ({ lower: round(lower), middle: round(middle), upper: round(upper) })),
      ),
    }
  },
})
