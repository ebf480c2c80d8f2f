import { type ChildProcess, spawn } from 'node:child_process'
import { root } from './processes.js'

/** What a child process says: its kind, and more. */
export interface Said {
  readonly kind: string
  readonly [field: string]: unknown
}

/** What is listened for. */
export interface Listening {
  /** From when on: so many things have been heard before. @default what has been heard until now */
  readonly after?: number
  readonly where?: (said: Said) => boolean
  /** @default 15_000 */
  readonly withinMs?: number
}

/** A Node process that talks with the test over a channel of their own. */
export interface Talking {
  /** All that it has said, oldest first. */
  readonly heard: readonly Said[]
  /** The first that it says of this kind. Rejects in words when it ends before, or takes too long. */
  says(kind: string, options?: Listening): Promise<Said>
  /** Tells it something, and waits for what it says of this kind. */
  ask(question: object, kind: string): Promise<Said>
  tell(message: object): void
  signal(signal: NodeJS.Signals): void
  /** Resolves when it has ended. */
  readonly ended: Promise<void>
  /** Kills it with -9, stopped or not. */
  kill(): Promise<void>
}

/** Runs a script of the tests with one argument, as JSON, in an environment without keys of ours. */
export const talking = (script: string, argument: object): Talking => {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('RXQUANT_') && name !== 'NODE_OPTIONS',
  )
  const child: ChildProcess = spawn(process.execPath, [script, JSON.stringify(argument)], {
    cwd: root,
    env: Object.fromEntries(inherited),
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  const heard: Said[] = []
  let output = ''
  let hasEnded = false
  const listeners = new Set<() => void>()
  const changed = (): void => {
    for (const listener of [...listeners]) listener()
  }
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data: Buffer) => (output += data.toString()))
  child.on('message', (message) => {
    heard.push(message as Said)
    changed()
  })
  // Told to a process that has just been killed.
  child.on('error', () => undefined)
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => {
      hasEnded = true
      changed()
      resolve()
    })
  })

  const latest = (kind: string): string => JSON.stringify(heard.findLast((said) => said.kind === kind))
  const says: Talking['says'] = (kind, { after = heard.length, where = () => true, withinMs = 15_000 } = {}) =>
    new Promise((resolve, reject) => {
      const done = (act: () => void): void => {
        clearTimeout(deadline)
        listeners.delete(look)
        act()
      }
      const look = (): void => {
        const found = heard.slice(after).find((said) => said.kind === kind && where(said))
        if (found !== undefined) done(() => resolve(found))
        else if (hasEnded) done(() => reject(new Error(`${script} ended and never said ${kind}:\n${output}`)))
      }
      const deadline = setTimeout(() => {
        done(() =>
          reject(new Error(`${script} did not say it within ${withinMs} ms; the last was ${latest(kind)}\n${output}`)),
        )
      }, withinMs)
      listeners.add(look)
      look()
    })
  const tell = (message: object): void => void child.send(message)
  return {
    heard,
    says,
    ask: (question, kind) => {
      const answer = says(kind)
      tell(question)
      return answer
    },
    tell,
    signal: (signal) => void child.kill(signal),
    ended,
    kill: () => {
      child.kill('SIGKILL')
      return ended
    },
  }
}
