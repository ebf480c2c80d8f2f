import { map, timestamp } from 'rxjs'
import { rolling } from 'rxquant/strategy'
import { diagram } from 'rxquant/testing'

export default diagram({
  title: 'rolling: statistics of a sliding window',
  text: 'Here the window is a time: values older than a minute leave it.',
  code: 'rolling({ withinMs: 60000, at, value })',
  lanes: `
    price   100             30s 104          45s 110          2m 90
    window  range(100, 100) 30s range(100, 104) 45s range(104, 110) 2m range(90, 90)`,
  words: { range: (min: number, max: number) => ({ min, max }) },
  run: ({ hot }) => ({
    window: hot<number>('price').pipe(
      timestamp(),
      rolling({ withinMs: 60_000, at: (it) => it.timestamp, value: (it) => it.value }),
      map(({ min, max }) => ({ min, max })),
    ),
  }),
})
