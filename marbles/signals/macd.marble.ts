import { map } from 'rxjs'
import { macd } from 'rxquant/strategy'
import { diagram } from 'rxquant/testing'

export default diagram({
  title: 'macd: difference of a fast and a slow average',
  text: 'Emits nothing until its signal line has enough values.',
  code: 'macd({ fast: 2, slow: 3, signal: 2 })',
  lanes: `
    close   100  1m 100  1m 100  1m 106                1m 112
    macd                         3m lines(1, 0.5)      1m lines(1.833, 1.389)`,
  words: { lines: (line: number, signal: number) => ({ line, signal }) },
  run: ({ hot }) => ({
    macd: hot<number>('close').pipe(
      macd({ fast: 2, slow: 3, signal: 2 }),
      map(({ macd: line, signal }) => ({ line: Number(line.toFixed(3)), signal: Number(signal.toFixed(3)) })),
    ),
  }),
})
