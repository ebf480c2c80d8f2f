import type { Frame } from './quirks.js'

/** Whose answers tell what a view shows. */
export type QuestionOp = 'open_orders' | 'position' | 'asset'

/** Answers overtake each other: which of two questions was asked first tells which answer is the newer truth. */
export class Answers {
  readonly #nthByCid = new Map<unknown, number>()
  #hearing: { readonly op: string; readonly nth: number; readonly at: number } | undefined

  /** @param now - the virtual time, in ms */
  constructor(private readonly now: () => number) {}

  asked({ cid }: Frame): void {
    if (!this.#nthByCid.has(cid)) this.#nthByCid.set(cid, this.#nthByCid.size + 1)
  }

  heard({ op, cid }: Frame): void {
    const nth = this.#nthByCid.get(cid)
    this.#hearing = nth === undefined ? undefined : { op, nth, at: this.now() }
  }

  /** The number of the question that is being answered just now. */
  hearing(op: QuestionOp): number | undefined {
    const answer = this.#hearing
    return answer?.op === op && answer.at === this.now() ? answer.nth : undefined
  }
}
