import * as t from 'io-ts'

export const isText = (u: unknown): u is string => typeof u === 'string'

export const isTextOrNull = (u: unknown): u is string | null => u === null || typeof u === 'string'

/** A string. */
export const Text = new t.Type<string, string, unknown>(
  'a string',
  isText,
  (u, context) => (typeof u === 'string' ? t.success(u) : t.failure(u, context)),
  t.identity,
)

/**
 * A string, or null where deployed servers send null (margin mode of a flat position, liquidity on
 * one platform).
 */
export const NullableText = new t.Type<string | null, string | null, unknown>(
  'a string or null',
  isTextOrNull,
  (u, context) => (u === null ? t.success(null) : Text.validate(u, context)),
  t.identity,
)

/** True or false. */
export const Flag = new t.Type<boolean, boolean, unknown>(
  'true or false',
  (u): u is boolean => typeof u === 'boolean',
  (u, context) => (typeof u === 'boolean' ? t.success(u) : t.failure(u, context)),
  t.identity,
)

/**
 * One of a closed list of words. What a client sends is closed; what a server sends is open (see
 * {@link Open}).
 */
export const oneOf = <const Words extends readonly string[]>(
  ...words: Words
): t.Type<Words[number], string, unknown> => {
  const known = new Set<unknown>(words)
  const is = (u: unknown): u is Words[number] => known.has(u)
  return new t.Type(
    `one of ${words.join(', ')}`,
    is,
    (u, context) => (is(u) ? t.success(u) : t.failure(u, context)),
    t.identity,
  )
}

/** The words we know, and any other: a server newer than this client may say more. */
export type OpenEnum<Known extends string> = Known | (string & {})

/** A word of an enumeration that the server may extend: any string decodes. */
export const open = <Known extends string>(): t.Type<OpenEnum<Known>, string, unknown> => Text
