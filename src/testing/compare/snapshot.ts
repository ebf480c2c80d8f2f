import { isObservable } from 'rxjs'
import { bytesOf, isError, membersOf, primitiveOf } from './contents.js'

/**
 * Fields copied in one run at most: beyond them, values are compared as they are at the end of the
 * run.
 */
const mostCopied = 5_000_000

type Fields = Record<PropertyKey, unknown>
type AnyClass = new (...args: readonly unknown[]) => object

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

/**
 * True for what does something rather than holds something: it changes as it works, and is compared
 * by identity.
 */
const isLive = (value: object): boolean =>
  isObservable(value) ||
  ['then', 'subscribe', 'addEventListener', 'asymmetricMatch', 'schedule', 'emit'].some(
    (name) => name in value && typeof (value as Fields)[name] === 'function',
  )

const copyOfView = (value: ArrayBufferView): object | undefined => {
  if (value instanceof DataView) return new DataView(bytesOf(value)?.slice().buffer ?? new ArrayBuffer(0))
  const name = (value as Uint8Array)[Symbol.toStringTag]
  const type = (globalThis as unknown as Record<string, AnyClass | undefined>)[name]
  return type === undefined ? undefined : new type(value)
}

/** A copy without its fields and members; undefined for what is no data, or never changes. */
const emptyCopy = (value: object): object | undefined => {
  if (Array.isArray(value)) return new Array<unknown>(value.length)
  if (isLive(value)) return undefined
  if (value instanceof Map) return new Map()
  if (value instanceof Set) return new Set()
  if (value instanceof Date) return new Date(value.getTime())
  if (value instanceof URL) return new URL(String(value))
  if (value instanceof ArrayBuffer) return value.slice(0)
  if (ArrayBuffer.isView(value)) return copyOfView(value)
  const isFixed = (!isPlain(value) && primitiveOf(value) !== undefined) || Reflect.ownKeys(value).length === 0
  return isFixed ? undefined : (Object.create(Object.getPrototypeOf(value) as object | null) as object)
}

/**
 * True for lists and objects of no class, most of all values: they are spared the questions that
 * only others need.
 */
const isPlain = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === Array.prototype || prototype === null
}

/**
 * Own fields that are copied: not the bytes of a view, which are copied as a whole, nor a stack,
 * which is slow to make.
 */
const copiedKeys = (value: object): readonly PropertyKey[] => {
  if (ArrayBuffer.isView(value)) return []
  const keys = Reflect.ownKeys(value)
  // The length of a list is behind its members, and before what else it has.
  if (Array.isArray(value))
    return keys.length === value.length + 1 ? keys.slice(0, -1) : keys.filter((key) => key !== 'length')
  return !isPlain(value) && isError(value) ? keys.filter((key) => key !== 'stack') : keys
}

/**
 * Copies values, so that what was emitted can be compared as it was then, whatever the pipeline
 * does to it later. Copies keep their class; functions, observables and objects without fields are
 * left as they are. An object that has not changed since its last copy is not copied again.
 */
export class Snapshots {
  readonly #last = new WeakMap<object, object>()
  #copied = 0

  /** Copies the value as it is now. */
  take(value: unknown): unknown {
    return this.#copy(value, new Map())
  }

  #copy(value: unknown, within: Map<object, object>): unknown {
    if (!isObject(value)) return value
    const before = within.get(value) ?? this.#unchanged(value)
    if (before !== undefined) return before
    const copy = this.#copied < mostCopied ? emptyCopy(value) : undefined
    if (copy === undefined) return value
    within.set(value, copy)
    const inside = (each: unknown) => this.#copy(each, within)
    if (Array.isArray(value) && isPlain(value) && Object.keys(value).length === value.length) {
      const list = copy as unknown[]
      for (let i = 0; i < value.length; i++) list[i] = inside(value[i])
      return this.#keep(value, copy, value.length)
    }
    const keys = copiedKeys(value)
    if (copy instanceof Map) for (const [k, v] of value as Map<unknown, unknown>) copy.set(inside(k), inside(v))
    if (copy instanceof Set) for (const each of value as Set<unknown>) copy.add(inside(each))
    for (const key of keys) {
      const field = Object.getOwnPropertyDescriptor(value, key)
      if (field === undefined) continue
      Object.defineProperty(copy, key, 'value' in field ? { ...field, value: inside(field.value) } : field)
    }
    if (!isPlain(value) && isError(value)) {
      Object.defineProperty(copy, 'stack', { get: () => value.stack, enumerable: false, configurable: true })
    }
    const prototype: unknown = Object.getPrototypeOf(value)
    if (prototype !== Object.getPrototypeOf(copy)) Object.setPrototypeOf(copy, prototype as object | null)
    return this.#keep(value, copy, keys.length)
  }

  #keep(value: object, copy: object, fields: number): object {
    this.#copied += 1 + fields
    this.#last.set(value, copy)
    return copy
  }

  #unchanged(value: object): object | undefined {
    const last = this.#last.get(value)
    return last !== undefined && isAsCopied(value, last) ? last : undefined
  }
}

/** True where a value is still what its copy shows. */
const isAsCopied = (value: unknown, copy: unknown, within?: Map<object, object>): boolean => {
  if (Object.is(value, copy)) return true
  if (!isObject(value) || !isObject(copy)) return false
  if (within?.get(value) === copy) return true
  if (Object.getPrototypeOf(value) !== Object.getPrototypeOf(copy)) return false
  if (Array.isArray(value) && isPlain(value) && Object.keys(value).length === value.length)
    return isListAsCopied(value, copy as unknown[], within)
  const keys = copiedKeys(value)
  if (keys.length !== copiedKeys(copy).length) return false
  const inside = within ?? new Map<object, object>()
  inside.set(value, copy)
  if (!isPlain(value) && !isContentAsCopied(value, copy, inside)) return false
  return keys.every((key) => isFieldAsCopied(value, copy, key, inside))
}

/**
 * The way through lists that have members alone: books of prices are made of such, and are long.
 */
const isListAsCopied = (
  value: readonly unknown[],
  copy: readonly unknown[],
  within: Map<object, object> | undefined,
): boolean => {
  if (value.length !== copy.length || Object.keys(copy).length !== copy.length) return false
  let inside = within
  for (let i = 0; i < value.length; i++) {
    const [member, other] = [value[i], copy[i]]
    if (Object.is(member, other)) continue
    if (!isObject(member)) return false
    inside ??= new Map()
    inside.set(value, copy)
    if (!isAsCopied(member, other, inside)) return false
  }
  return true
}

const isContentAsCopied = (value: object, copy: object, within: Map<object, object>): boolean => {
  if (!Object.is(primitiveOf(value), primitiveOf(copy))) return false
  const [members, others] = [membersOf(value) ?? [], membersOf(copy) ?? []]
  return members.length === others.length && members.every((each, i) => isAsCopied(each, others[i], within))
}

const isFieldAsCopied = (value: object, copy: object, key: PropertyKey, within: Map<object, object>): boolean => {
  const field = Object.getOwnPropertyDescriptor(value, key)
  if (field === undefined || !Object.hasOwn(copy, key)) return false
  // What a getter shows is not copied, and it is not called.
  return 'value' in field ? isAsCopied(field.value, (copy as Fields)[key], within) : true
}

/**
 * Chooses what a value is compared as: itself where it has not changed since its snapshot, so that
 * its identity and its private fields count; else the snapshot.
 */
export const asTaken = (value: unknown, snapshot: unknown): unknown => (isAsCopied(value, snapshot) ? value : snapshot)
