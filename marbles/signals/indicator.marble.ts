import { indicator } from 'rxquant/strategy'
import { diagram } from 'rxquant/testing'

/** Highest price so far; stable from the second price. */
const highest = () => {
  let count = 0
  let best = -Infinity
  return {
    add: (price: number) => {
      count += 1
      best = Math.max(best, price)
    },
    getResult: () => best,
    get isStable() {
      return count >= 2
    },
  }
}

export default diagram({
  title: 'indicator: runs any indicator of trading-signals as an operator',
  text: 'An input that is not a number is skipped: a single NaN would stay in a moving average.',
  code: 'indicator(() => new Highest())',
  lanes: `
    price    p(100)  1m p(104)  1m nan  1m p(102)  1m p(107)
    highest          1m 104             2m 104     1m 107`,
  values: { nan: Number.NaN },
  words: { p: (price: number) => price },
  run: ({ hot }) => ({ highest: hot<number>('price').pipe(indicator(highest)) }),
})
