import type { Subscription } from 'rxjs'
import type { Connection, ConnectionClosed, Message, Transport } from '../../src/transport/index.js'

/** How a stream ended: by completing, or with what it errored with. */
export type End = 'completed' | ConnectionClosed

/** What was heard of one connection. */
export interface Heard {
  readonly messages: Message[]
  end: End | undefined
}

/** Listens to a connection. */
export const listen = (connection: Connection): Heard => {
  const heard: Heard = { messages: [], end: undefined }
  connection.message$.subscribe({
    next: (message) => heard.messages.push(message),
    error: (error: unknown) => {
      heard.end = error as ConnectionClosed
    },
    complete: () => {
      heard.end = 'completed'
    },
  })
  return heard
}

/** A subscription to a Transport, and what became of it. */
export interface Dialled {
  readonly connections: Connection[]
  /** What the last connection has said. */
  heard: Heard
  end: End | undefined
  readonly subscription: Subscription
}

/** Subscribes to a Transport and listens to what it gives. */
export const dial = (transport: Transport, opened: (connection: Connection) => void = () => undefined): Dialled => {
  const dialled: { -readonly [Key in keyof Dialled]: Dialled[Key] } = {
    connections: [],
    heard: { messages: [], end: undefined },
    end: undefined,
    // Replaced below; a Transport may end before subscribe returns.
    subscription: undefined as unknown as Subscription,
  }
  dialled.subscription = transport.subscribe({
    next: (connection) => {
      dialled.connections.push(connection)
      dialled.heard = listen(connection)
      opened(connection)
    },
    error: (error: unknown) => {
      dialled.end = error as ConnectionClosed
    },
    complete: () => {
      dialled.end = 'completed'
    },
  })
  return dialled
}

/** Waits, a turn of the event loop at a time, until it is so. Fails with `what` after `withinMs`. */
export const until = async (what: string, isSo: () => boolean, withinMs = 3_000): Promise<void> => {
  const giveUp = performance.now() + withinMs
  while (!isSo()) {
    if (performance.now() > giveUp) throw new Error(`${what}: not within ${withinMs} ms`)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** Lets what is under way on loopback arrive: some turns of the event loop, each with a poll of the sockets. */
export const settle = async (turns = 50): Promise<void> => {
  for (let i = 0; i < turns; i++) await new Promise((resolve) => setImmediate(resolve))
}

/** Dials and waits for the connection. */
export const open = async (transport: Transport): Promise<readonly [Connection, Dialled]> => {
  const dialled = dial(transport)
  await until('a connection', () => dialled.connections.length > 0 || dialled.end !== undefined)
  const [connection] = dialled.connections
  if (connection === undefined) throw new Error('there is no connection', { cause: dialled.end })
  return [connection, dialled]
}
