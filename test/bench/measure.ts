// Benchmarks on a machine that others use too: contenders take turns, many short rounds, and only medians and ratios of
// neighbours in time are believed.

/** One way to do the job. `run` does a fair share of it and gives the figure of that round. */
export interface Contender {
  readonly name: string
  run(): Promise<number> | number
}

export interface ComparisonOptions {
  /** Rounds that count. @default 15 */
  readonly rounds?: number
  /** Rounds before them, for the compiler and the caches. @default 3 */
  readonly warmups?: number
}

export interface Standing {
  readonly name: string
  readonly median: number
  /** Median over the rounds of this contender's figure through the baseline's in the same round. */
  readonly ratio: number
  /** The middle half of those ratios lies between these. */
  readonly spread: readonly [number, number]
}

/** The value below which this share of the values lies. */
export const quantile = (values: readonly number[], share: number): number => {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (sorted.length - 1) * share
  const below = sorted[Math.floor(at)] ?? NaN
  const above = sorted[Math.ceil(at)] ?? NaN
  return below + (above - below) * (at - Math.floor(at))
}

export const median = (values: readonly number[]): number => quantile(values, 0.5)

const gc = (globalThis as { readonly gc?: () => void }).gc

/** Runs the contenders in turn, round after round, and compares each with the first. */
export async function compare(
  contenders: readonly [Contender, ...Contender[]],
  { rounds = 15, warmups = 3 }: ComparisonOptions = {},
): Promise<Standing[]> {
  const figures = contenders.map((): number[] => [])
  for (let round = -warmups; round < rounds; round++) {
    // Forwards and backwards, so that nobody always runs first.
    const order = contenders.map((_contender, i) => (round % 2 === 0 ? i : contenders.length - 1 - i))
    for (const i of order) {
      // The rubbish of one is not the other's burden.
      gc?.()
      const figure = await contenders[i]!.run()
      if (round >= 0) figures[i]!.push(figure)
    }
  }
  const [baseline] = figures
  return contenders.map(({ name }, i) => {
    const ratios = figures[i]!.map((figure, round) => figure / (baseline?.[round] ?? NaN))
    return {
      name,
      median: median(figures[i]!),
      ratio: median(ratios),
      spread: [quantile(ratios, 0.25), quantile(ratios, 0.75)],
    }
  })
}

const number = (value: number): string =>
  value >= 1_000 ? Math.round(value).toLocaleString('en-US') : value.toPrecision(3)

/** Prints a comparison; the first line is the baseline. */
export const report = (title: string, unit: string, standings: readonly Standing[]): void => {
  console.log(`\n${title}`)
  const width = Math.max(...standings.map(({ name }) => name.length))
  for (const { name, median: middle, ratio, spread } of standings) {
    const figure = `${number(middle)} ${unit}`.padStart(20)
    console.log(
      `  ${name.padEnd(width)} ${figure}   ratio ${ratio.toFixed(3)}  (${spread[0].toFixed(3)} to ${spread[1].toFixed(3)})`,
    )
  }
}
