import { fieldsOf, hasPrivateFields, membersOf, primitiveOf } from './contents.js'
import { className, show } from './show.js'

/** The first place at which two values differ. */
export interface Difference {
  /** `quantity`, `bids[0][1]`; empty where the values themselves differ. */
  readonly path: string
  readonly expected: string
  readonly received: string
}

/** Any class, however it is made. */
export type ErrorClass = abstract new (...args: never[]) => object

/** Expects an object of a class, and those of its fields that are named. */
export class Like {
  readonly type: ErrorClass
  readonly fields: Readonly<Record<string, unknown>>

  constructor(type: ErrorClass, fields: Readonly<Record<string, unknown>>) {
    this.type = type
    this.fields = fields
  }

  toString(): string {
    return `${this.type.name} with ${show(this.fields)}`
  }
}

/**
 * Expects an error (or any object) of exactly this class whose named fields have these values;
 * other fields may be anything.
 *
 * ```ts
 * errors: { refused: like(Rejected, { op: 'place_order' }) }
 * ```
 */
export const like = (type: ErrorClass, fields: Readonly<Record<string, unknown>> = {}): Like => new Like(type, fields)

interface Asymmetric {
  asymmetricMatch(received: unknown): boolean
}

/**
 * jest's own matchers (`expect.any(Number)`, `expect.objectContaining(…)`) work where a value is
 * expected.
 */
const isAsymmetric = (value: unknown): value is Asymmetric =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as { readonly asymmetricMatch?: unknown }).asymmetricMatch === 'function'

const field = (path: string, key: PropertyKey): string => {
  if (typeof key === 'number' || typeof key === 'symbol') return `${path}[${String(key)}]`
  if (!/^[A-Za-z_$][\w$]*$/.test(key)) return `${path}[${JSON.stringify(key)}]`
  return path === '' ? key : `${path}.${key}`
}

type Pairs = readonly (readonly [unknown, unknown])[]

const compare = (expected: unknown, received: unknown, path: string, within: Pairs): Difference | undefined => {
  if (Object.is(expected, received)) return undefined
  const differ = (said = show(expected), got = show(received)): Difference => ({ path, expected: said, received: got })
  if (expected instanceof Like) {
    if (typeof received !== 'object' || received === null || received.constructor !== expected.type) {
      return differ(String(expected))
    }
    const fields = new Map(Object.entries(expected.fields))
    return compareFields(fields, namedFields(received, fields), path, within, true)
  }
  if (isAsymmetric(expected)) return expected.asymmetricMatch(received) ? undefined : differ()
  if (typeof expected !== 'object' || expected === null || typeof received !== 'object' || received === null) {
    return differ()
  }
  if (Object.getPrototypeOf(expected) !== Object.getPrototypeOf(received)) {
    const of = (value: object) => `${className(value) ?? (Array.isArray(value) ? 'a list' : 'a plain object')}: `
    return differ(`${of(expected)}${show(expected)}`, `${of(received)}${show(received)}`)
  }
  // A value that holds itself is compared once.
  if (within.some(([e, r]) => e === expected && r === received)) return undefined
  const inside: Pairs = [...within, [expected, received]]
  const [primitive, members] = [primitiveOf(expected), membersOf(expected)]
  if (!Object.is(primitive, primitiveOf(received))) return differ()
  if (Array.isArray(expected)) {
    const other = received as unknown[]
    for (let i = 0; i < Math.max(expected.length, other.length); i++) {
      if (i in expected !== i in other) {
        const at = (list: readonly unknown[]) => (i in list ? show(list[i]) : 'nothing')
        return { path: field(path, i), expected: at(expected), received: at(other) }
      }
      const found = compare(expected[i], other[i], field(path, i), inside)
      if (found !== undefined) return found
    }
  } else if (members !== undefined) {
    const found = compare(members, membersOf(received), path, inside)
    if (found !== undefined) return found
  }
  const [e, r] = [fieldsOf(expected), fieldsOf(received)]
  const isOpaque = primitive === undefined && members === undefined && !Array.isArray(expected)
  // An object that shows nothing (a promise, a class without fields) is only equal to itself.
  if (isOpaque && e.size === 0 && r.size === 0 && className(expected) !== undefined) return differ()
  const found = compareFields(e, r, path, inside, false)
  if (found !== undefined || !hasPrivateFields(expected)) return found
  const type = className(expected) ?? 'the class'
  return differ(
    `this very instance of ${type}`,
    `another one: ${type} has private fields, which cannot be compared; use like(), or emit plain values`,
  )
}

/** Fields by name, inherited ones too: a DOMException keeps its name in its prototype. */
const namedFields = (value: object, names: ReadonlyMap<PropertyKey, unknown>): Map<PropertyKey, unknown> => {
  const held = [...names.keys()].filter((name) => name in value)
  return new Map(held.map((name) => [name, (value as Record<PropertyKey, unknown>)[name]]))
}

const compareFields = (
  expected: ReadonlyMap<PropertyKey, unknown>,
  received: ReadonlyMap<PropertyKey, unknown>,
  path: string,
  within: Pairs,
  openEnded: boolean,
): Difference | undefined => {
  for (const [key, value] of expected) {
    if (!received.has(key)) return { path: field(path, key), expected: show(value), received: 'no such field' }
    const found = compare(value, received.get(key), field(path, key), within)
    if (found !== undefined) return found
  }
  if (openEnded) return undefined
  for (const [key, value] of received) {
    if (!expected.has(key)) return { path: field(path, key), expected: 'no such field', received: show(value) }
  }
  return undefined
}

/**
 * Compares strictly: class, every field (symbols and hidden ones too), -0 is not 0, a missing field
 * is not undefined. Private fields cannot be seen, so of a class that has some only the same
 * instance is equal. Undefined when the values are equal.
 */
export const difference = (expected: unknown, received: unknown): Difference | undefined =>
  compare(expected, received, '', [])

export const isErrorClass = (value: unknown): value is ErrorClass =>
  typeof value === 'function' && (value === Error || value.prototype instanceof Error)

/** As {@link difference}; a bare class stands for any error of exactly that class. */
export const errorDifference = (expected: unknown, received: unknown): Difference | undefined =>
  difference(isErrorClass(expected) ? like(expected) : expected, received)
