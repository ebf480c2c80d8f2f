import { difference, errorDifference } from '../compare/difference.js'
import { brief, className, show } from '../compare/show.js'
import type { LaneRecord } from '../record/lane-record.js'

const marks = { complete: '|', subscribe: '^', unsubscribe: '!' } as const

/** Writes records as the lanes of a script do: by the words that stand for equal values, else by the value itself. */
export class Labels {
  readonly #known: { readonly record: LaneRecord; readonly text: string }[] = []

  learn(record: LaneRecord, text: string): void {
    if (record.kind !== 'next' && record.kind !== 'error') return
    if (this.#known.some((known) => known.text === text)) return
    this.#known.push({ record, text })
  }

  of(record: LaneRecord): string {
    if (record.kind !== 'next' && record.kind !== 'error') return marks[record.kind]
    const known = this.#known.find(
      ({ record: { kind, value } }) =>
        kind === record.kind &&
        (kind === 'error' ? errorDifference(value, record.value) : difference(value, record.value)) === undefined,
    )
    if (known !== undefined) return known.text
    if (record.kind === 'next') return brief(record.value)
    const error = record.value
    return `#${typeof error === 'object' && error !== null ? (className(error) ?? 'error') : show(error)}`
  }
}
