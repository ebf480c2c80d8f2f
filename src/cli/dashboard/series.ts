/** Samples of a quantity over a run of any length: when full, every other one is dropped. */
export interface Series {
  readonly samples: readonly number[]
  /** One of this many values is kept. */
  readonly stride: number
  /** Number of values since the last one that was kept. */
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

/** Quantile by nearest rank; undefined for no values. */
export function quantile(values: readonly number[], share: number): number | undefined {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]
}
