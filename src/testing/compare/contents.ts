/** Bytes of a buffer, or of a view of one; undefined for anything else. */
export const bytesOf = (value: object): Uint8Array | undefined => {
  if (value instanceof DataView) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
  const isShared = typeof SharedArrayBuffer === 'function' && value instanceof SharedArrayBuffer
  return value instanceof ArrayBuffer || isShared ? new Uint8Array(value) : undefined
}

/**
 * Members of a list, in order: of an array's kin, a Map, a Set or a buffer; undefined for anything
 * else.
 */
export const membersOf = (value: object): readonly unknown[] | undefined => {
  if (value instanceof Map || value instanceof Set) return [...(value as Iterable<unknown>)]
  const bytes = bytesOf(value)
  if (bytes !== undefined) return Array.from(bytes)
  return ArrayBuffer.isView(value) ? Array.from(value as Uint8Array) : undefined
}

const boxes = [Number, String, Boolean, BigInt, Symbol] as const

/**
 * Primitive value that an object stands for, though no field of it holds it: of dates, patterns,
 * boxes, URLs.
 */
export const primitiveOf = (value: object): unknown => {
  if (value instanceof Date) return value.getTime()
  if (value instanceof RegExp) return String(value)
  if (boxes.some((box) => value instanceof box)) return value.valueOf()
  return value instanceof URL || value instanceof URLSearchParams ? String(value) : undefined
}

const isIndex = (key: PropertyKey): boolean => typeof key === 'string' && /^\d+$/.test(key)

/** True for a field that `membersOf`, or the comparison of arrays, looks at. */
const isMember = (value: object, key: PropertyKey): boolean => {
  if (!Array.isArray(value) && !ArrayBuffer.isView(value) && !(value instanceof String)) return false
  return key === 'length' || isIndex(key)
}

/** True for an error, of another realm too: those that Node throws at code under jest are. */
export const isError = (value: object): value is Error =>
  value instanceof Error || /^\[object (Error|DOMException)\]$/.test(Object.prototype.toString.call(value))

/**
 * Fields of a value by their keys: symbols and fields that are not enumerable too, members of a
 * list not. Of errors the name and the message come first, wherever they are kept, and the stack is
 * left out: it names where, not what.
 */
export const fieldsOf = (value: object): Map<PropertyKey, unknown> => {
  const fields = new Map<PropertyKey, unknown>()
  const hasStack = isError(value)
  if (hasStack) fields.set('message', value.message).set('name', value.name)
  for (const key of Reflect.ownKeys(value)) {
    if ((hasStack && key === 'stack') || isMember(value, key) || fields.has(key)) continue
    fields.set(key, (value as Record<PropertyKey, unknown>)[key])
  }
  return fields
}

const privateSyntax = /\.#[A-Za-z_$]|__classPrivateField(Get|Set)/
const known = new WeakMap<object, boolean>()

/** Classes whose private fields are all told by {@link primitiveOf}. */
const understood: readonly unknown[] = [URL, URLSearchParams]

const hasPrivateSyntax = (type: object): boolean => {
  const before = known.get(type)
  if (before !== undefined) return before
  const found = privateSyntax.test(Function.prototype.toString.call(type))
  known.set(type, found)
  return found
}

/**
 * True where a class of the value uses private fields: what they hold cannot be seen from outside.
 */
export const hasPrivateFields = (value: object): boolean => {
  let prototype: unknown = Object.getPrototypeOf(value)
  while (typeof prototype === 'object' && prototype !== null) {
    const type: unknown = Object.hasOwn(prototype, 'constructor') ? prototype.constructor : undefined
    if (typeof type === 'function' && !understood.includes(type) && hasPrivateSyntax(type)) return true
    prototype = Object.getPrototypeOf(prototype)
  }
  return false
}
