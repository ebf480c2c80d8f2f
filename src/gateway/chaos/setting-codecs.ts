import * as t from 'io-ts'

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value)

const numberThat = (name: string, fits: (value: number) => boolean): t.Type<number, unknown> => {
  const is = (value: unknown): value is number => isNumber(value) && fits(value)
  return new t.Type(
    name,
    is,
    (value, context) => (is(value) ? t.success(value) : t.failure(value, context)),
    (v) => v,
  )
}

export const Share = numberThat('a number from 0 to 1', (value) => value >= 0 && value <= 1)
export const atLeast = (least: number, name: string, fits: (value: number) => boolean = () => true) =>
  numberThat(name, (value) => value >= least && fits(value))
export const below = (limit: number, name: string) =>
  numberThat(name, (value) => Number.isInteger(value) && value >= 0 && value < limit)

/** One of a few words. */
export const oneOf = <Word extends string>(...words: readonly Word[]): t.Type<Word, unknown> => {
  const known: ReadonlySet<unknown> = new Set(words)
  const is = (value: unknown): value is Word => known.has(value)
  return new t.Type(
    `one of ${words.join(', ')}`,
    is,
    (value, context) => (is(value) ? t.success(value) : t.failure(value, context)),
    (word) => word,
  )
}

/** A list; a fault names the index of the wrong item. */
export const listOf = <A>(item: t.Type<A, unknown>): t.Type<readonly A[], unknown> => t.array(item, 'a list') as never

/** One, or a list of them. */
export const ListOrOne = <A>(item: t.Type<A, unknown>): t.Type<A | readonly A[], unknown> => {
  const many = listOf(item)
  return new t.Type<A | readonly A[], unknown>(
    `${item.name}, or a list of such`,
    (value): value is A | readonly A[] => item.is(value) || many.is(value),
    (value, context) => {
      if (Array.isArray(value)) return many.validate(value, context)
      return item.is(value) ? t.success(value) : t.failure(value, context)
    },
    (value) => value,
  )
}

/**
 * An object of these fields and no others. Only the `needed` ones are required; at most one of the
 * `rivals` may be given. Unknown fields are refused, because a misspelt one would silently do
 * nothing.
 */
export const allowed = (
  what: string,
  fields: t.Props,
  rivals: readonly string[],
  needed: readonly string[] = [],
): t.Type<unknown> => {
  const type: t.Type<unknown> = new t.Type<unknown>(
    what,
    (value): value is unknown => type.decode(value)._tag === 'Right',
    (value, context) => {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return t.failure(value, context)
      const errors: t.Errors = []
      const complain = (key: string, message: string) =>
        errors.push({ value: undefined, context: t.appendContext(context, key, type), message })
      for (const [key, each] of Object.entries(value)) {
        const codec = Object.hasOwn(fields, key) ? fields[key] : undefined
        if (codec === undefined) {
          complain(key, `is not known here; there are ${Object.keys(fields).join(', ')}`)
          continue
        }
        const result = codec.validate(each, t.appendContext(context, key, codec, each))
        if (result._tag === 'Left') errors.push(...result.left)
      }
      for (const key of needed) if (!Object.hasOwn(value, key)) complain(key, 'is missing')
      const chosen = rivals.filter((key) => Object.hasOwn(value, key))
      if (chosen.length > 1) complain(chosen[1] ?? '', `cannot be there together with ${chosen[0]}: choose one`)
      return errors.length > 0 ? t.failures(errors) : t.success(value)
    },
    (value) => value,
  )
  return type
}
