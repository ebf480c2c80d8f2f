import type { Fill, Order } from '../../protocol/index.js'

/** A notice that counts, with its number. */
export type NumberedNotice =
  | { readonly topic: 'order'; readonly data: Order & { readonly seq: number } }
  | { readonly topic: 'fill'; readonly data: Fill & { readonly seq: number } }

export interface NoticeLogOptions {
  /**
   * The number before the first. Another in each life of a server without a lasting memory, so that
   * a number of the life before is not taken for one of this.
   */
  readonly base: number
  /** Notices that are kept to be sent again; of more, the newest. @default 10000 */
  readonly most?: number
}

/** State of a history at an instant. */
export interface NoticeLogState {
  readonly seq: number
  /** The latest, oldest first. */
  readonly notices: readonly NumberedNotice[]
}

/** The order and fill notices of one account, numbered over all its logins (feature `resume`). */
export class NoticeLog {
  readonly #most: number
  readonly #notices: NumberedNotice[] = []
  #seq: number

  constructor({ base, most = 10_000 }: NoticeLogOptions) {
    this.#seq = base
    this.#most = most
  }

  /** The number of the latest; that before the first where there is none yet. */
  get seq(): number {
    return this.#seq
  }

  /** State of the history as plain data. */
  get state(): NoticeLogState {
    return { seq: this.#seq, notices: this.#notices.slice(-this.#most) }
  }

  /** Takes in what a predecessor was. */
  restore({ seq, notices }: NoticeLogState): void {
    this.#seq = seq
    this.#notices.splice(0, Infinity, ...notices.slice(-this.#most))
  }

  /** Gives a notice its number. */
  order(data: Order): Order & { readonly seq: number } {
    const numbered = { ...data, seq: ++this.#seq }
    this.#add({ topic: 'order', data: numbered })
    return numbered
  }

  /** Gives a notice its number. */
  fill(data: Fill): Fill & { readonly seq: number } {
    const numbered = { ...data, seq: ++this.#seq }
    this.#add({ topic: 'fill', data: numbered })
    return numbered
  }

  /**
   * Returns all notices after a number, oldest first; undefined if some are no longer kept, or if
   * the number was never given.
   */
  since(seq: number): readonly NumberedNotice[] | undefined {
    const missed = this.#seq - seq
    // The array may hold more than the promised number for a while; what is promised must not
    // depend on that.
    if (!Number.isSafeInteger(seq) || missed < 0 || missed > Math.min(this.#notices.length, this.#most))
      return undefined
    return missed === 0 ? [] : this.#notices.slice(-missed)
  }

  #add(notice: NumberedNotice): void {
    this.#notices.push(notice)
    // Not each time: taking one from the front of a long array moves all the others.
    if (this.#notices.length >= 2 * this.#most) this.#notices.splice(0, this.#notices.length - this.#most)
  }
}
