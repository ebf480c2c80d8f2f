import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

/** Blocks the event loop of this thread, as a long computation does. */
export const stallFor = (ms: number): void => {
  const until = performance.now() + ms
  while (performance.now() < until);
}

/** A WebSocket server on a thread of its own: it goes on while the event loop of the test is blocked. */
export interface PeerThread {
  readonly url: string
  stop(): Promise<unknown>
}

/**
 * `onFrame` is the source of a function `(frame, send, socket)`, called for each text frame. CommonJS: it is evaluated in the other
 * thread.
 */
export const peerThread = async (onFrame: string): Promise<PeerThread> => {
  const source = `
    const { WebSocketServer } = require('ws')
    const { parentPort } = require('node:worker_threads')
    const onFrame = ${onFrame}
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
    server.on('listening', () => parentPort.postMessage(server.address().port))
    server.on('connection', (socket) => socket.on('message', (text) => {
      onFrame(JSON.parse(text), (frame) => socket.send(JSON.stringify(frame)), socket)
    }))`
  const worker = new Worker(source, { eval: true })
  const [port] = (await once(worker, 'message')) as [number]
  return { url: `ws://127.0.0.1:${port}/ws/v1`, stop: () => worker.terminate() }
}
