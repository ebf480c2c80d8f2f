/** One side of a hedge-mode position. */
export class PositionSide {
  lots = 0
  /** Lots that open closing orders have laid claim to. */
  frozen = 0
  /**
   * Entry cost of the lots as marked by settlements: the profit since then is not in the balance
   * yet.
   */
  cost = 0n
  /** Entry cost of the lots when they were opened. */
  openCost = 0n
  /** `cost` and `openCost` with more places, for average prices: see `Contract.fineValue`. */
  fineCost = 0n
  fineOpenCost = 0n
  /** Money set aside for this side: of fixed margin only. */
  margin = 0n

  constructor(readonly long: boolean) {}
}

/** Position of an account in a contract, long and short side by side. */
export class Position {
  readonly long = new PositionSide(true)
  readonly short = new PositionSide(false)
  #utime = 0
  /** Already in the list of changes of the present command. */
  touched = false

  get utime(): number {
    return this.#utime
  }

  /**
   * Never decreases, although the market may restart: readers take an earlier notice for an
   * outdated one.
   */
  set utime(timeMs: number) {
    this.#utime = Math.max(this.#utime, timeMs)
  }

  side(long: boolean): PositionSide {
    return long ? this.long : this.short
  }

  /** In lots, whichever side is the larger. */
  get net(): number {
    return Math.abs(this.long.lots - this.short.lots)
  }

  get isFlat(): boolean {
    return this.long.lots === 0 && this.short.lots === 0
  }
}
