import type { Frame } from './quirks.js'

/** Whose answers tell what a view shows. */
export type QuestionOp = 'open_orders' | 'position' | 'asset'

/** Answers overtake each other: which of two questions was asked first tells which answer is the newer truth. */
export class Answers {
  readonly #nthByCid = new Map<unknown, number>()
  #hearing: { readonly op: string; readonly nth: number } | undefined

  asked({ cid }: Frame): void {
    if (!this.#nthByCid.has(cid)) this.#nthByCid.set(cid, this.#nthByCid.size + 1)
  }

  heard({ op, cid, result }: Frame): void {
    const nth = result === true ? this.#nthByCid.get(cid) : undefined
    this.#hearing = nth === undefined ? undefined : { op, nth }
  }

  /** All that it leads to has been done. */
  over(): void {
    this.#hearing = undefined
  }

  /** The number of the question that is being answered just now. */
  hearing(op: QuestionOp): number | undefined {
    return this.#hearing?.op === op ? this.#hearing.nth : undefined
  }
}
