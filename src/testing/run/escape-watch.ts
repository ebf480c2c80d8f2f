import { Replacements } from '../../time/index.js'
import { placeIn } from '../call-site.js'

/** Work that left virtual time since the watch began: the places of the first few. */
export interface EscapeWatch {
  /** Places where a promise was made or waited for. */
  promises(): readonly string[]
  /** Other work that goes on in real time, in words, with its place. */
  others(): readonly string[]
  stop(): void
}

interface AsyncHooks {
  createHook(callbacks: { init(id: number, type: string, trigger: number, resource: object): void }): {
    enable(): unknown
    disable(): unknown
  }
}

const host = (globalThis as { process?: Host }).process

interface Host {
  getBuiltinModule?(name: string): unknown
  readonly stdout?: unknown
  readonly stderr?: unknown
}

const enough = 3
/** Stacks that are looked at: the same place may make a million promises. */
const mostStacks = 500
/** A stack deep enough to reach the user's file through the operators of rxjs. */
const deepStack = 200

/** Work of Node by the type of its async resource. */
const words: Readonly<Record<string, string>> = {
  Timeout: 'a real timer was started (of node:timers, or taken before the run)',
  Immediate: 'a real setImmediate was started (of node:timers, or taken before the run)',
  Microtask: 'a real queueMicrotask was started (taken before the run)',
  TickObject: 'process.nextTick was used, or a stream or file that uses it',
  MESSAGEPORT: 'a message channel was opened',
  FSREQCALLBACK: 'a file was read or written with a callback',
}

const inWords = (type: string): string => words[type] ?? `asynchronous work of Node was started (${type})`

const stackHere = (): string => {
  const before = Error.stackTraceLimit
  Error.stackTraceLimit = deepStack
  const stack = new Error('for its stack').stack ?? ''
  Error.stackTraceLimit = before
  return stack
}

/**
 * Something that was started. Its resource is filled in after Node has told of it, so it is asked
 * at the end.
 */
interface Escape {
  readonly text: string
  readonly resource: { readonly ondone?: unknown; readonly cb?: unknown }
  /** True for work that Node may also do at once, as in `randomBytes(8)` and `gzipSync`. */
  readonly mayBeSync: boolean
}

/** True for work that goes on after the call that started it. */
const goesOn = ({ resource, mayBeSync }: Escape): boolean =>
  !mayBeSync || typeof resource.ondone === 'function' || typeof resource.cb === 'function'

/**
 * Jobs of node:crypto and node:zlib, which have a callback of their own only where they are
 * asynchronous.
 */
const syncTypes = /^(ZLIB|(RANDOM|PBKDF2|SCRYPT|HKDF|KEY|SIGN|DERIVE|CIPHER|HASH|CHECKPRIME|SECRET)\w*REQUEST)$/

/**
 * Watches for what virtual time does not follow, so that what comes of it would never be seen, and
 * a lane that expects silence would be content: promises, real timers, `process.nextTick`,
 * messages, files, sockets.
 *
 * Node tells of all of it as it is started, `await` included; elsewhere only a call of `then` and
 * posted messages are seen.
 */
export const watchEscapes = (): EscapeWatch => {
  const places: string[] = []
  const escapes: Escape[] = []
  let stacks = 0
  let writing = 0
  const notePromise = () => {
    if (places.length >= enough || ++stacks > mostStacks) return
    const where = placeIn(stackHere())
    if (!places.includes(where)) places.push(where)
  }
  const noteOther = (what: string, resource: object, mayBeSync = false) => {
    if (writing > 0 || escapes.length >= 10 * enough || ++stacks > mostStacks) return
    const stack = stackHere()
    if (/node:internal\/(console|process\/warning)/.test(stack)) return
    const text = `${what}: ${placeIn(stack)}`
    const isKnown = escapes.some((each) => each.text === text && (!mayBeSync || goesOn(each)))
    if (!isKnown) escapes.push({ text, resource, mayBeSync })
  }
  const replaced = new Replacements()
  // Output for people: Node, and the streams of a test runner, put its end off, and the run does
  // not depend on it.
  for (const stream of [host?.stdout, host?.stderr]) {
    replaced.replaceMethod(
      stream,
      'write',
      (write) =>
        function writeOut(this: unknown, ...args: unknown[]) {
          writing += 1
          try {
            return write.apply(this, args)
          } finally {
            writing -= 1
          }
        },
    )
  }
  for (const name of ['MessagePort', 'BroadcastChannel']) {
    const it = (globalThis as unknown as Record<string, { readonly prototype: object } | undefined>)[name]
    // A channel that was opened before the run starts nothing that Node tells of.
    replaced.replaceMethod(
      it?.prototype,
      'postMessage',
      (post) =>
        function postMessage(this: unknown, ...args: unknown[]) {
          noteOther(`a message was posted to a ${name}`, {})
          return post.apply(this, args)
        },
    )
  }
  const stopNode = watchNode(notePromise, noteOther)
  if (stopNode === undefined) {
    replaced.replaceMethod(
      Promise.prototype,
      'then',
      (then) =>
        function onFulfilled(this: unknown, ...args: unknown[]) {
          notePromise()
          return then.apply(this, args)
        },
    )
  }
  return {
    promises: () => places,
    others: () =>
      escapes
        .filter(goesOn)
        .map(({ text }) => text)
        .slice(0, enough),
    stop: () => {
      stopNode?.()
      replaced.undo()
    },
  }
}

/** Watches by the async hooks of Node; undefined elsewhere. */
const watchNode = (
  notePromise: () => void,
  noteOther: (what: string, resource: object, mayBeSync: boolean) => void,
): (() => void) | undefined => {
  const hooks = host?.getBuiltinModule?.('node:async_hooks') as AsyncHooks | undefined
  if (hooks === undefined) return undefined
  const hook = hooks.createHook({
    init: (_id, type, _trigger, resource) => {
      if (type === 'PROMISE') notePromise()
      else noteOther(inWords(type), resource, syncTypes.test(type))
    },
  })
  hook.enable()
  return () => void hook.disable()
}
