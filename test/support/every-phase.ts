// Run by test/transport/leaves-nothing.test.ts in a process of its own: a connection is left in every phase and in every way.
// The process must then end by itself, which it does only when no socket and no timer is left, and no error uncaught.
import { type Connection, serverConnection, webSocket } from '../../src/transport/index.js'
import { dial, open, settle, until } from './dial.js'
import { tcpServer, upgrade, webSocketServer } from './loopback.js'

const gc = (globalThis as { readonly gc?: () => void }).gc
if (gc === undefined) throw new Error('run with --expose-gc')
process.on('unhandledRejection', (reason) => {
  throw reason
})

const [server, url] = await webSocketServer()
const served = new Set<Connection>()
server.on('connection', (ws) => {
  const connection = serverConnection(ws)
  served.add(connection)
  const left = (): void => {
    served.delete(connection)
  }
  connection.message$.subscribe({ next: (text) => connection.send(String(text)), error: left, complete: left })
})
const [mute, muteUrl] = await tcpServer((socket) => upgrade(socket))
const [silent, silentUrl] = await tcpServer(() => undefined)
/** For servers that do not answer. */
const silence = { closeGraceMs: 20, connectTimeoutMs: 20 }
/** For those that open, and never finish closing. */
const muteness = { closeGraceMs: 20, connectTimeoutMs: 60_000 }
/** For those that do: a timer that is forgotten is still there at the end. */
const long = { closeGraceMs: 60_000, connectTimeoutMs: 60_000 }

/** Connects, does something to the connection, and keeps only a weak hold of it. */
const used = async (to: string, use: (connection: Connection, unsubscribe: () => void) => void) => {
  const [connection, dialled] = await open(webSocket(to, to === url ? long : muteness))
  connection.send('something')
  use(connection, () => dialled.subscription.unsubscribe())
  return new WeakRef(connection)
}
/** Unsubscribes after so many turns of the event loop, wherever the dialling has got to. */
const dropped = async (to: string, turns: number) => {
  const dialled = dial(webSocket(to, to === muteUrl ? muteness : long))
  await settle(turns)
  dialled.subscription.unsubscribe()
}

const refs: WeakRef<Connection>[] = []
for (const to of [url, muteUrl]) {
  refs.push(await used(to, (connection) => connection.close(4000, 'done')))
  refs.push(await used(to, (connection) => connection.abandon()))
  refs.push(await used(to, (_connection, unsubscribe) => unsubscribe()))
  refs.push(
    await used(to, (connection, unsubscribe) => {
      connection.close()
      unsubscribe()
      connection.abandon()
    }),
  )
}
for (const to of [url, muteUrl, silentUrl, 'ws://127.0.0.1:1', 'nowhere']) {
  for (const turns of [0, 1, 2, 3, 5, 10, 20]) await dropped(to, turns)
}
const refused = dial(webSocket(silentUrl, silence))
await until('the connect timeout', () => refused.end !== undefined)

await until('an empty server', () => served.size === 0 && server.clients.size === 0)
await until(
  'every connection to be let go of',
  () => {
    gc()
    return refs.every((ref) => ref.deref() === undefined)
  },
  10_000,
)

server.close()
mute.close()
silent.close()
await settle()
console.log(
  `left: ${process
    .getActiveResourcesInfo()
    .filter((name) => /TCP|Timeout/.test(name))
    .join(' ')}`,
)
