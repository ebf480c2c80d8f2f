import { callSite, shortFile } from './call-site.js'

/** What was seen of promises since the watch began. */
export interface PromiseWatch {
  /** Where a promise was made or waited for; the first few. */
  readonly places: readonly string[]
  stop(): void
}

interface AsyncHooks {
  createHook(callbacks: { init(id: number, type: string): void }): { enable(): unknown; disable(): unknown }
}

const host = (globalThis as { process?: { getBuiltinModule?(name: string): unknown } }).process

const enough = 3

/**
 * Watches for promises that are made or waited for: virtual time does not follow them, so that what comes of one would
 * never be seen, and a lane that expects silence would be content.
 *
 * Node tells of every promise, `await` included; elsewhere only a call of `then` is seen.
 */
export const watchPromises = (): PromiseWatch => {
  const places: string[] = []
  const note = () => {
    if (places.length >= enough) return
    const site = callSite(new Error('for its stack').stack)
    const where = site === undefined ? 'by a library that the pipeline uses' : `${shortFile(site.file)}:${site.line}`
    if (!places.includes(where)) places.push(where)
  }
  const hooks = host?.getBuiltinModule?.('node:async_hooks') as AsyncHooks | undefined
  if (hooks !== undefined) {
    const hook = hooks.createHook({
      init: (_id, type) => {
        if (type === 'PROMISE') note()
      },
    })
    hook.enable()
    return { places, stop: () => void hook.disable() }
  }
  // Not `Promise.prototype.then` by name: it is only moved, never called here.
  const prototype = Promise.prototype as object
  const before = Object.getOwnPropertyDescriptor(prototype, 'then')
  const then = before?.value as (...args: unknown[]) => unknown
  Object.defineProperty(prototype, 'then', {
    ...before,
    value(this: unknown, ...args: unknown[]) {
      note()
      return then.apply(this, args)
    },
  })
  return {
    places,
    stop: () => {
      if (before !== undefined) Object.defineProperty(prototype, 'then', before)
    },
  }
}
