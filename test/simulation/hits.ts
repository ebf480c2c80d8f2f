import { type Fault, faults, wanted } from './faults.js'

/** What a run counts, as plain data: it goes from process to process. */
export interface HitCounts {
  readonly faults: Readonly<Record<string, number>>
  readonly ends: Readonly<Record<string, number>>
}

/** How often each class of fault was really hit, and how often each thing came of it. */
export class Hits {
  readonly #faults = new Map<Fault, number>(faults.map((fault) => [fault, 0]))
  readonly #ends = new Map<string, number>()

  count(fault: Fault): void {
    this.#faults.set(fault, this.of(fault) + 1)
  }

  /** What came of the faults; none of it is one. */
  came(end: string): void {
    this.#ends.set(end, (this.#ends.get(end) ?? 0) + 1)
  }

  add({ faults: more, ends }: HitCounts): void {
    for (const [fault, count] of Object.entries(more)) this.#faults.set(fault as Fault, this.of(fault as Fault) + count)
    for (const [end, count] of Object.entries(ends)) this.#ends.set(end, (this.#ends.get(end) ?? 0) + count)
  }

  of(fault: Fault): number {
    return this.#faults.get(fault) ?? 0
  }

  get counts(): HitCounts {
    return { faults: Object.fromEntries(this.#faults), ends: Object.fromEntries(this.#ends) }
  }

  /** The classes that so many seeds have hit too seldom to say anything of them; none where the seeds are few. */
  tooFew(seeds: number): readonly Fault[] {
    return seeds < wanted.ofSeeds ? [] : faults.filter((fault) => this.of(fault) <= wanted.hits)
  }
}
