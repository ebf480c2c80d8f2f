import { plantedNames } from './hostile.js'

const prototypes = { Object, Array, Function, String, Number, Boolean, Map, Set, Promise } as const

const members = (): string =>
  Object.entries(prototypes)
    .map(([name, { prototype }]) => `${name}: ${Reflect.ownKeys(prototype).map(String).join(' ')}`)
    .join('\n')

/**
 * Watches the prototypes of everything. Each planted name is an accessor of `Object.prototype`: no library asks for such a name by
 * itself, so one that is read or written was looked up, by a peer's word, in an object that has it not of its own. What is true of
 * them is true of `constructor` and `__proto__`, whose being looked up cannot be seen. Beside that, no prototype may change.
 */
export const setTraps = () => {
  const sprung: string[] = []
  for (const name of plantedNames) {
    Object.defineProperty(Object.prototype, name, {
      configurable: true,
      get: () => void sprung.push(`${name} was looked up in an object: ${at()}`),
      set: () => void sprung.push(`${name} was written to an object: ${at()}`),
    })
  }
  const before = members()
  return {
    /** What happened since this was asked last. */
    sprung: (): readonly string[] => sprung.splice(0),
    /** Dearer: whether a prototype has changed. */
    changed: (): readonly string[] => (members() === before ? [] : ['a prototype has changed']),
    remove: () => {
      for (const name of plantedNames) Reflect.deleteProperty(Object.prototype, name)
    },
  }
}

const at = (): string => new Error('here').stack?.split('\n').slice(3, 8).join(' ') ?? ''
