const NEIGHBOURS = 3
const LEAST_DEVIATION = 0.05
const TYPICAL_MOVES = 10

const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

/**
 * Finds prices that are far off those around them: more than 5 %, and more than ten times the
 * typical move from one price to the next, off the median of the three prices before and after. A
 * market that jumps and stays is none.
 *
 * @param extremes prices to compare at each index; the price itself by default
 * @returns the index and price of each
 */
export const outliers = (
  prices: readonly number[],
  extremes: (index: number) => readonly number[] = (index) => [prices[index] ?? 0],
): readonly { readonly index: number; readonly price: number; readonly usual: number }[] => {
  const moves = prices.flatMap((price, index) =>
    index === 0 ? [] : [Math.abs(Math.log(price / (prices[index - 1] ?? price)))],
  )
  const limit = Math.max(LEAST_DEVIATION, TYPICAL_MOVES * (median(moves) || 0))
  return prices.flatMap((_, index) => {
    // The cheap test first: most rows are near the row before.
    const before = prices[index - 1] ?? prices[index + 1]
    if (before === undefined) return []
    const isFar = (price: number, usual: number) => Math.abs(Math.log(price / usual)) > limit
    if (!extremes(index).some((price) => isFar(price, before))) return []
    const around = [
      ...prices.slice(Math.max(0, index - NEIGHBOURS), index),
      ...prices.slice(index + 1, index + 1 + NEIGHBOURS),
    ]
    if (around.length < 2) return []
    // A jump lies between two levels: the price is near one of them.
    const sides = [
      prices.slice(Math.max(0, index - NEIGHBOURS), index),
      prices.slice(index + 1, index + 1 + NEIGHBOURS),
    ]
    const usual = median(around)
    const price = extremes(index).find((each) => sides.every((side) => side.length === 0 || isFar(each, median(side))))
    return price === undefined ? [] : [{ index, price, usual }]
  })
}
