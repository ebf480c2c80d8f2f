import { asapScheduler, type SchedulerLike } from 'rxjs'
import { checkBound } from '../time/index.js'

export interface DelayLaneOptions {
  readonly scheduler?: SchedulerLike
  /** Delay of each parcel, in ms. @default 0 */
  readonly delayMs?: number
}

/**
 * One direction of a connection: an ordered queue, and at most one scheduled action however many
 * parcels wait in it.
 */
export class DelayLane<Parcel> {
  readonly #scheduler: SchedulerLike
  readonly #delayMs: number
  readonly #deliver: (parcel: Parcel) => void
  readonly #parcels: Parcel[] = []
  /** Arrival time of each parcel; kept only if there is a delay. */
  readonly #dues: number[] = []
  #head = 0
  #scheduled = false
  /**
   * Characters in transit. The protocol is ASCII except for a few names, so they approximate bytes.
   */
  underWay = 0

  constructor({ scheduler = asapScheduler, delayMs = 0 }: DelayLaneOptions, deliver: (parcel: Parcel) => void) {
    this.#scheduler = scheduler
    checkBound('delayMs', delayMs)
    this.#delayMs = delayMs
    this.#deliver = deliver
  }

  put(parcel: Parcel): void {
    this.#parcels.push(parcel)
    if (typeof parcel === 'string') this.underWay += parcel.length
    if (this.#delayMs > 0) this.#dues.push(this.#scheduler.now() + this.#delayMs)
    if (!this.#scheduled) this.#schedule(this.#delayMs)
  }

  #schedule(delayMs: number): void {
    this.#scheduled = true
    // Needs no cancelling: the lane is kept alive by what is on its way, and by nothing else.
    this.#scheduler.schedule(this.#runs, delayMs)
  }

  readonly #runs = (): void => this.#run()

  #run(): void {
    // What is put meanwhile waits for a turn of its own: two ends that answer each other must not
    // starve the rest.
    const until = this.#parcels.length
    const now = this.#scheduler.now()
    while (this.#head < until && !(this.#delayMs > 0 && (this.#dues[this.#head] ?? now) > now)) {
      const parcel = this.#parcels[this.#head++] as Parcel
      if (typeof parcel === 'string') this.underWay -= parcel.length
      this.#deliver(parcel)
    }
    this.#compact()
    if (this.#parcels.length === this.#head) this.#scheduled = false
    else this.#schedule(Math.max(0, (this.#dues[this.#head] ?? now) - now))
  }

  /**
   * Not before half of it has gone: taking one from the front of a long array moves all the others.
   */
  #compact(): void {
    if (this.#head * 2 < this.#parcels.length) return
    if (this.#head === this.#parcels.length) {
      this.#parcels.length = this.#dues.length = 0
    } else {
      this.#parcels.splice(0, this.#head)
      this.#dues.splice(0, this.#head)
    }
    this.#head = 0
  }
}
