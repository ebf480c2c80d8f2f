import type { EquityPoint, PriceBar } from './ledger.js'

const MINUTE = 60_000
/** Lengths of a bar, in ms: a long run goes on to the next when it has too many bars. */
const LENGTHS = [1, 5, 15, 60, 240, 1440].map((minutes) => minutes * MINUTE)

/** The next length of a bar that holds whole bars of this one. */
const longerThan = (barMs: number): number =>
  LENGTHS.find((length) => length > barMs && length % barMs === 0) ?? 2 * barMs

const beginOf = (atMs: number, barMs: number): number => Math.floor(atMs / barMs) * barMs

/** A price bar that grows. */
interface GrowingBar {
  atMs: number
  open: number
  high: number
  low: number
  close: number
}

/**
 * Bars and equity of a run, of bounded size: bars are of `barMs` at first, and of the next length
 * (5 minutes, 15 minutes, an hour …) whenever one series has more than `mostBars` of them. Joined
 * equity points keep the last of their bar.
 */
export class BarSeries {
  private readonly prices = new Map<string, GrowingBar[]>()
  private points: EquityPoint[] = []
  private length: number

  constructor(
    barMs: number,
    private readonly mostBars: number,
  ) {
    this.length = barMs
  }

  /** Present length of a bar, in ms. */
  get barMs(): number {
    return this.length
  }

  addPrice(name: string, atMs: number, price: number): void {
    let list = this.prices.get(name)
    if (list === undefined) this.prices.set(name, (list = []))
    const begin = beginOf(atMs, this.length)
    const last = list.at(-1)
    if (last !== undefined && last.atMs >= begin) {
      if (price > last.high) last.high = price
      if (price < last.low) last.low = price
      last.close = price
      return
    }
    list.push({ atMs: begin, open: price, high: price, low: price, close: price })
    if (list.length > this.mostBars) this.lengthen()
  }

  /** Adds a point at the end of a bar. */
  addPoint(point: EquityPoint): void {
    const last = this.points.at(-1)
    if (last !== undefined && this.barOf(last) === this.barOf(point)) this.points[this.points.length - 1] = point
    else this.points.push(point)
    if (this.points.length > this.mostBars) this.lengthen()
  }

  /** Changes all points so far. */
  mapPoints(change: (point: EquityPoint) => EquityPoint): void {
    this.points = this.points.map(change)
  }

  get equity(): readonly EquityPoint[] {
    return [...this.points]
  }

  get bars(): Readonly<Record<string, readonly PriceBar[]>> {
    return Object.fromEntries(Array.from(this.prices, ([name, list]) => [name, list.map((bar) => ({ ...bar }))]))
  }

  /** Bar that a point closes: one at its very end belongs to it. */
  private barOf({ atMs }: EquityPoint): number {
    return beginOf(atMs - 1, this.length)
  }

  private lengthen(): void {
    this.length = longerThan(this.length)
    for (const [name, list] of this.prices) this.prices.set(name, this.joined(list))
    const last = new Map<number, EquityPoint>()
    for (const point of this.points) last.set(this.barOf(point), point)
    this.points = [...last.values()]
  }

  private joined(list: readonly GrowingBar[]): GrowingBar[] {
    const bars: GrowingBar[] = []
    for (const bar of list) {
      const begin = beginOf(bar.atMs, this.length)
      const last = bars.at(-1)
      if (last?.atMs !== begin) bars.push({ ...bar, atMs: begin })
      else {
        last.high = Math.max(last.high, bar.high)
        last.low = Math.min(last.low, bar.low)
        last.close = bar.close
      }
    }
    return bars
  }
}
