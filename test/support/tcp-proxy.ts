import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** `up` is from the client to the server. */
export type Direction = 'up' | 'down'

/** What is wrong with one direction. */
interface Toxics {
  /** Everything is read and thrown away; the sockets stay open. */
  blackhole: boolean
  /** Nothing is read: the sender's buffers fill up. */
  stalled: boolean
  latencyMs: number
  /** Chunks are cut into pieces of this many bytes, each written on its own. */
  sliceBytes: number
  /** A connection is cut when so many bytes have passed. */
  limitBytes: number
}

const healthy = (): Toxics => ({
  blackhole: false,
  stalled: false,
  latencyMs: 0,
  sliceBytes: Infinity,
  limitBytes: Infinity,
})

/** A TCP proxy on loopback that can be made to misbehave. Toxics apply to open connections and to new ones. */
export interface TcpProxy {
  readonly port: number
  /** Open connections through it. */
  readonly connections: number
  /** Swallows all bytes of one direction, or of both. */
  blackhole(direction?: Direction): void
  /** Stops reading one direction, or both. */
  stall(direction?: Direction): void
  latency(latencyMs: number, direction?: Direction): void
  slice(sliceBytes: number, direction?: Direction): void
  /** Lets so many bytes of each connection pass, and then cuts it. */
  limitData(limitBytes: number, direction?: Direction): void
  /** Resets (RST) every open connection, both halves. */
  resetPeer(): void
  /** Resets every connection to come. */
  refuse(): void
  /** Takes all toxics away. What a black hole has swallowed is gone. */
  heal(): void
  close(): Promise<void>
}

interface Link {
  readonly sockets: readonly [client: Socket, server: Socket]
  readonly resume: () => void
}

const forward = (from: Socket, to: Socket, toxics: () => Toxics): (() => void) => {
  let timers = 0
  let blocked = false
  let passed = 0
  const write = (chunk: Buffer): void => {
    const { sliceBytes, limitBytes } = toxics()
    const length = Math.min(chunk.length, Math.max(0, limitBytes - passed))
    passed += length
    for (let at = 0; at < length; at += sliceBytes) {
      const end = Math.min(length, at + sliceBytes)
      if (!to.destroyed && !to.write(chunk.subarray(at, end))) blocked = true
    }
    // What was let through still arrives; the other half hears of the end by the close of this one.
    if (length < chunk.length) to.end(() => from.destroy())
  }
  const flow = (): void => {
    if (blocked || toxics().stalled) from.pause()
    else from.resume()
  }
  const later = (run: () => void): void => {
    const { latencyMs } = toxics()
    // In order: while something is under way, what follows goes through a timer too.
    if (latencyMs === 0 && timers === 0) run()
    else {
      timers++
      setTimeout(() => {
        timers--
        run()
      }, latencyMs)
    }
  }
  from.on('data', (chunk: Buffer) => {
    if (!toxics().blackhole) later(() => write(chunk))
    flow()
  })
  to.on('drain', () => {
    blocked = false
    flow()
  })
  from.on('end', () => {
    if (!toxics().blackhole) later(() => to.end())
  })
  // 'close' follows, and is what counts.
  from.on('error', () => undefined)
  from.on('close', () => {
    // A black hole tells nobody that one side has gone.
    if (!toxics().blackhole) later(() => to.destroy())
  })
  flow()
  return flow
}

export const tcpProxy = async (target: number): Promise<TcpProxy> => {
  const toxics = { up: healthy(), down: healthy() }
  const links = new Set<Link>()
  let refusing = false

  const server = createServer({ allowHalfOpen: true }, (client) => {
    if (refusing) {
      client.resetAndDestroy()
      return
    }
    const upstream = connect({ port: target, host: '127.0.0.1', allowHalfOpen: true, noDelay: true })
    client.setNoDelay()
    const up = forward(client, upstream, () => toxics.up)
    const down = forward(upstream, client, () => toxics.down)
    const link: Link = {
      sockets: [client, upstream],
      resume: () => {
        up()
        down()
      },
    }
    links.add(link)
    const gone = (): void => {
      if (client.destroyed && upstream.destroyed) links.delete(link)
    }
    client.on('close', gone)
    upstream.on('close', gone)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  const set = (change: Partial<Toxics>, direction?: Direction): void => {
    for (const each of direction === undefined ? (['up', 'down'] as const) : [direction]) {
      Object.assign(toxics[each], change)
    }
    for (const { resume } of links) resume()
  }
  return {
    port: (server.address() as AddressInfo).port,
    get connections() {
      return links.size
    },
    blackhole: (direction) => set({ blackhole: true }, direction),
    stall: (direction) => set({ stalled: true }, direction),
    latency: (latencyMs, direction) => set({ latencyMs }, direction),
    slice: (sliceBytes, direction) => set({ sliceBytes }, direction),
    limitData: (limitBytes, direction) => set({ limitBytes }, direction),
    resetPeer: () => {
      for (const { sockets } of links) for (const socket of sockets) socket.resetAndDestroy()
    },
    refuse: () => {
      refusing = true
    },
    heal: () => {
      refusing = false
      set(healthy())
    },
    close: async () => {
      for (const { sockets } of links) for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
