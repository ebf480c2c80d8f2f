import { isErrorClass, Like } from './compare/difference.js'
import type { LaneEvent } from './notation/lane.js'
import { type NotationProblem, suggestion } from './notation/problem.js'

/** Meaning of the names of a lane text. */
export interface Vocabulary {
  /** Plain values by name. One that no lane uses is an error. @default none */
  readonly values?: Readonly<Record<string, unknown>>
  /**
   * Values that are made of arguments: `tick: (price: number) => …` is written `tick(101.5)`. May
   * hold more than is used. @default none
   */
  readonly words?: Readonly<Record<string, (...args: never[]) => unknown>>
  /**
   * Errors by name, for `#name`: an error, a function of the arguments that makes one or, in an
   * asserted lane, a class (any error of exactly it) or `like(Class, fields)`. One that no lane
   * uses is an error. @default none
   */
  readonly errors?: Readonly<Record<string, unknown>>
}

/** Value of an event, or its fault. */
export type Meaning = { readonly value: unknown } | { readonly problem: NotationProblem }

type AnyWord = (...args: readonly unknown[]) => unknown

const own = (record: object | undefined, name: string): boolean => record !== undefined && Object.hasOwn(record, name)

/** Gives events their values and remembers which names were used. */
export class Dictionary {
  readonly #vocabulary: Vocabulary
  readonly #used = new Set<string>()

  constructor(vocabulary: Vocabulary) {
    this.#vocabulary = vocabulary
  }

  /**
   * `isClassic`: a letter that stands for nothing stands for itself, as long as there are no values
   * at all.
   */
  meaning(event: LaneEvent, isClassic = false): Meaning {
    if (event.literal !== undefined) return { value: event.literal.value }
    if (event.name === undefined) return { value: undefined }
    return event.kind === 'error' ? this.#error(event, event.name) : this.#value(event, event.name, isClassic)
  }

  /** Names that were given and that no lane uses. */
  unused(): readonly string[] {
    const names = (kind: string, record: Readonly<Record<string, unknown>> = {}) =>
      Object.keys(record)
        .filter((name) => !this.#used.has(`${kind} ${name}`))
        .map((name) => `${kind} "${name}"`)
    return [...names('value', this.#vocabulary.values), ...names('error', this.#vocabulary.errors)]
  }

  #value(event: LaneEvent, name: string, isClassic: boolean): Meaning {
    const { values, words } = this.#vocabulary
    const wrong = (message: string): Meaning => ({ problem: { span: event.span, message } })
    if (own(values, name)) {
      this.#used.add(`value ${name}`)
      return event.args === undefined
        ? { value: values?.[name] }
        : wrong(`"${name}" is a plain value and takes no arguments; a word that takes some belongs into \`words\``)
    }
    if (own(words, name)) return this.#call(event, name, words?.[name] as unknown as AnyWord)
    if (isClassic && values === undefined) return { value: name }
    return wrong(
      `there is no value or word "${name}"${suggestion(name, [...Object.keys(values ?? {}), ...Object.keys(words ?? {})])}`,
    )
  }

  #error(event: LaneEvent, name: string): Meaning {
    const { errors } = this.#vocabulary
    if (!own(errors, name)) {
      return {
        problem: {
          span: event.span,
          message: `there is no error "${name}"${suggestion(name, Object.keys(errors ?? {}))}`,
        },
      }
    }
    this.#used.add(`error ${name}`)
    const error = errors?.[name]
    return typeof error === 'function' && !isErrorClass(error)
      ? this.#call(event, name, error as AnyWord)
      : { value: error }
  }

  #call(event: LaneEvent, name: string, word: AnyWord): Meaning {
    const args = event.args ?? []
    const wrong = (message: string): Meaning => ({ problem: { span: event.span, message } })
    if (args.length < word.length) {
      return wrong(
        `"${name}" takes ${word.length} argument${word.length === 1 ? '' : 's'}, but is given ${args.length}`,
      )
    }
    try {
      return { value: word(...args) }
    } catch (error) {
      return wrong(`${event.text}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
}

/** True for what can be expected of an error, but not thrown. */
export const isOnlyExpectable = (value: unknown): boolean => value instanceof Like || isErrorClass(value)
