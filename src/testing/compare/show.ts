const isPlain = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/** The name of a value's class; undefined for a plain object. */
export const className = (value: object): string | undefined => {
  if (isPlain(value) || Array.isArray(value)) return undefined
  const constructor: unknown = (value as { readonly constructor?: unknown }).constructor
  return typeof constructor === 'function' && constructor.name !== '' ? constructor.name : 'Object'
}

const key = (name: string): string => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name))

/**
 * A value in one line, for people: `{ action: 'BUY', price: 98 }`, `Rejected('the server refused
 * …')`.
 */
export const show = (value: unknown, depth = 3): string => {
  if (typeof value === 'string') return `'${value.replace(/\n/g, '\\n')}'`
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'function') return `function ${value.name || '(anonymous)'}`
  if (typeof value !== 'object' || value === null) return Object.is(value, -0) ? '-0' : String(value)
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'an invalid Date' : value.toISOString()
  if (value instanceof Error) return `${className(value) ?? 'Error'}(${show(value.message)})`
  const name = className(value)
  const prefix = name === undefined ? '' : `${name} `
  if (depth === 0) return Array.isArray(value) ? '[…]' : `${prefix}{…}`
  const list = (items: readonly unknown[]) => items.map((item) => show(item, depth - 1)).join(', ')
  if (Array.isArray(value)) return `[${list(value)}]`
  if (value instanceof Set) return `Set { ${list([...(value as Set<unknown>)])} }`
  if (value instanceof Map) {
    const entries = [...(value as Map<unknown, unknown>)].map(([k, v]) => `${show(k)} => ${show(v, depth - 1)}`)
    return `Map { ${entries.join(', ')} }`
  }
  const fields = Object.entries(value).map(([k, v]) => `${key(k)}: ${show(v, depth - 1)}`)
  return fields.length === 0 ? `${prefix}{}` : `${prefix}{ ${fields.join(', ')} }`
}

/** Cut to a length that a reader can take in; whole when short. */
export const shortly = (text: string, length = 60): string =>
  text.length <= length ? text : `${text.slice(0, length - 1)}…`

/** A value as a label: the values of its fields alone, `{BUY 98 1}`. */
export const brief = (value: unknown): string => {
  if (typeof value === 'string') return value
  if (typeof value !== 'object' || value === null || value instanceof Error || value instanceof Date) return show(value)
  if (Array.isArray(value)) return `[${value.map(brief).join(' ')}]`
  if (value instanceof Map || value instanceof Set) return show(value)
  const name = className(value) ?? ''
  return `${name}{${Object.values(value).map(brief).join(' ')}}`
}
