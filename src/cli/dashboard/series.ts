/** Samples of a quantity over a whole run, however long it is: when there are too many, every other one is dropped. */
export interface Series {
  readonly samples: readonly number[]
  /** Of how many values one is kept. */
  readonly stride: number
  /** How many values came since the last that was kept. */
  readonly skipped: number
}

export const emptySeries: Series = { samples: [], stride: 1, skipped: 0 }

const MOST = 240

export function sample(series: Series, value: number): Series {
  const skipped = series.skipped + 1
  if (skipped < series.stride) return { ...series, skipped }
  const samples = [...series.samples, value]
  return samples.length < MOST
    ? { samples, stride: series.stride, skipped: 0 }
    : { samples: samples.filter((_, index) => index % 2 === 1), stride: series.stride * 2, skipped: 0 }
}

/** The value below which a share of them lies (nearest rank); undefined of none. */
export function quantile(values: readonly number[], share: number): number | undefined {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]
}
