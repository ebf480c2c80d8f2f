/** How often each class of fault was really hit. */
export class Hits {
  readonly counts = new Map<string, number>()

  count(fault: string, by = 1): void {
    this.counts.set(fault, (this.counts.get(fault) ?? 0) + by)
  }

  add(other: ReadonlyMap<string, number>): void {
    for (const [fault, count] of other) this.count(fault, count)
  }
}
