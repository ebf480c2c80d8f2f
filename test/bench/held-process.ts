import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Held } from './held-server.js'

export interface HeldServer {
  readonly url: string
  held(): Promise<Held>
  end(): Promise<void>
}

/** Starts a server that holds connections, in a process of its own; `args` as it takes them. */
export const startHeld = async (...args: readonly string[]): Promise<HeldServer> => {
  const path = fileURLToPath(new URL('held-server.mjs', import.meta.url))
  const child = fork(path, args, { execArgv: ['--expose-gc'] })
  const [{ port }] = (await once(child, 'message')) as [{ readonly port: number }]
  return {
    url: `ws://127.0.0.1:${port}/ws/v1`,
    held: async () => {
      child.send('how much')
      return ((await once(child, 'message')) as [Held])[0]
    },
    end: async () => {
      child.disconnect()
      await once(child, 'exit')
    },
  }
}
