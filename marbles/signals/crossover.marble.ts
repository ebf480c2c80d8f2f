import { crossover } from 'rxquant/strategy'
import { diagram } from 'rxquant/testing'

export default diagram({
  title: 'crossover emits when one line crosses another',
  text: 'A touch is not a crossing, and the first pair only sets the initial side.',
  code: 'crossover()',
  lanes: `
    lines   pair(9, 10)  1m pair(10, 10)  1m pair(9, 10)  1m pair(11, 10)  1m pair(8, 10)
    cross                                                 3m up            1m down`,
  values: { up: 'up', down: 'down' },
  words: { pair: (line: number, other: number) => [line, other] as const },
  run: ({ hot }) => ({ cross: hot<readonly [number, number]>('lines').pipe(crossover()) }),
})
