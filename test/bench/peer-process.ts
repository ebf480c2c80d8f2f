import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Flood } from './peer.js'

export interface PeerProcess {
  readonly url: string
  flood(what: Flood): void
  end(): void
}

/** Starts the other side in a process of its own. Connections are numbered in the order in which they are made, from 0. */
export const startPeer = async (): Promise<PeerProcess> => {
  // Compiled when `npm run bench` runs it, the source itself when a loader does.
  const isSource = import.meta.url.endsWith('.ts')
  const path = fileURLToPath(new URL(isSource ? 'peer.ts' : 'peer.mjs', import.meta.url))
  const child = fork(path, { execArgv: isSource ? ['--import', 'tsx'] : [] })
  const [{ port }] = (await once(child, 'message')) as [{ readonly port: number }]
  return {
    url: `ws://127.0.0.1:${port}`,
    flood: (what) => child.send(what),
    end: () => child.disconnect(),
  }
}
