type Anything = Record<PropertyKey, unknown>

/**
 * Replaces properties and puts them back as they were: own ones with their descriptor, inherited
 * ones by being taken off again.
 */
export class Replacements {
  readonly #undo: (() => void)[] = []

  replace(target: object, key: PropertyKey, value: unknown): void {
    const before = Object.getOwnPropertyDescriptor(target, key)
    // Defined, not assigned: jest's and the browser's globals may be accessors.
    this.#define(target, key, before, {
      value,
      writable: true,
      configurable: true,
      enumerable: before?.enumerable ?? true,
    })
  }

  /** Replaces an accessor that `target` has of its own; one that is not there is left alone. */
  replaceGetter(target: object, key: PropertyKey, get: (this: unknown, original: () => unknown) => unknown): void {
    const before = Object.getOwnPropertyDescriptor(target, key)
    if (before?.get === undefined || before.configurable !== true) return
    this.#define(target, key, before, {
      ...before,
      get(this: unknown) {
        return get.call(this, () => before.get?.call(this) as unknown)
      },
    })
  }

  /**
   * Replaces a global function where there is one: a browser has no setImmediate, Node no
   * requestAnimationFrame.
   */
  replaceGlobal(key: string, value: unknown): void {
    this.replaceMethod(globalThis, key, () => value)
  }

  /** Replaces a function where there is one; `make` is given the one before. */
  replaceMethod(target: unknown, key: string, make: (original: (...args: unknown[]) => unknown) => unknown): void {
    if ((typeof target !== 'object' && typeof target !== 'function') || target === null) return
    const original = (target as Anything)[key]
    if (typeof original === 'function') this.replace(target, key, make(original as (...args: unknown[]) => unknown))
  }

  undo(): void {
    for (const each of this.#undo.splice(0)) each()
  }

  #define(target: object, key: PropertyKey, before: PropertyDescriptor | undefined, after: PropertyDescriptor): void {
    Object.defineProperty(target, key, after)
    this.#undo.unshift(() => {
      if (before === undefined) Reflect.deleteProperty(target, key)
      else Object.defineProperty(target, key, before)
    })
  }
}
