import { readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { resolve } from 'node:path'
import { createContext, runInContext } from 'node:vm'
import { beforeAll, describe, expect, it } from '@jest/globals'
import { build, type BuildResult, type PluginBuild } from 'esbuild'
import type * as transport from '../../src/transport/index.js'
import { dial } from '../support/dial.js'

/** A page's WebSocket, driven by the test. It throws where a browser throws. */
class PageSocket {
  static readonly made: PageSocket[] = []
  readonly url: string
  readonly protocols: string[]
  readyState = 0
  bufferedAmount = 0
  binaryType = 'blob'
  onopen: ((event: object) => void) | null = null
  onmessage: ((event: object) => void) | null = null
  onerror: ((event: object) => void) | null = null
  onclose: ((event: object) => void) | null = null
  readonly sent: string[] = []
  readonly closes: [number | undefined, string | undefined][] = []

  constructor(url: string, protocols: string[]) {
    this.url = url
    this.protocols = protocols
    PageSocket.made.push(this)
  }
  open(): void {
    this.readyState = 1
    this.onopen?.({})
  }
  send(text: string): void {
    if (this.readyState === 0) throw new Error('InvalidStateError')
    this.sent.push(text)
  }
  close(code?: number, reason?: string): void {
    if (code !== undefined && code !== 1000 && (code < 3000 || code > 4999)) throw new Error('InvalidAccessError')
    this.readyState = 2
    this.closes.push([code, reason])
  }
  closed(code: number, reason = ''): void {
    this.readyState = 3
    this.onclose?.({ code, reason })
  }
}

let bundle: BuildResult<{ metafile: true; write: false }>
let page: typeof transport

beforeAll(async () => {
  const { imports } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    imports: { '#web-socket': { browser: string } }
  }
  const source = imports['#web-socket'].browser.replace('./dist/', './src/').replace(/\.js$/, '.ts')
  bundle = await build({
    entryPoints: ['src/transport/index.ts'],
    bundle: true,
    platform: 'browser',
    format: 'iife',
    globalName: 'transport',
    write: false,
    metafile: true,
    logLevel: 'silent',
    // The compiler's own mapping of #web-socket, for tests in Node, would win over the package's.
    tsconfigRaw: {},
    plugins: [
      {
        name: 'the condition browser of the package, from the sources',
        setup: (builder: PluginBuild) =>
          builder.onResolve({ filter: /^#web-socket$/ }, () => ({ path: resolve(source) })),
      },
    ],
  })
  // What a page has, and nothing of Node's.
  const context = createContext({
    WebSocket: PageSocket,
    URL,
    crypto,
    performance,
    setTimeout,
    clearTimeout,
    setInterval,
    clearInterval,
    ArrayBuffer,
    Uint8Array,
  })
  runInContext(`${bundle.outputFiles[0]?.text ?? ''};globalThis.transport = transport`, context)
  page = (context as unknown as { transport: typeof transport }).transport
})

const opened = (options?: transport.WebSocketOptions) => {
  const dialled = dial(page.webSocket('wss://example.org/ws/v1', options))
  const socket = PageSocket.made.at(-1)!
  socket.open()
  return { dialled, socket, connection: dialled.connections[0]! }
}

describe('the transport, bundled for a browser', () => {
  it("holds neither ws nor any of Node's modules", () => {
    const inputs = Object.entries(bundle.metafile.inputs)
    expect(inputs.length).toBeGreaterThan(10)
    expect(inputs.map(([path]) => path).filter((path) => path.includes('node_modules/ws/'))).toEqual([])
    const imported = inputs.flatMap(([, { imports }]) => imports.map(({ path }) => path))
    expect(imported.filter((path) => isBuiltin(path))).toEqual([])
  })

  it("dials with the page's own WebSocket", () => {
    const { dialled, socket, connection } = opened({ protocols: 'quant' })
    expect([socket.url, socket.protocols]).toEqual(['wss://example.org/ws/v1', ['quant']])
    connection.send('hello')
    socket.onmessage?.({ data: 'hello yourself' })
    expect(socket.sent).toEqual(['hello'])
    expect(dialled.heard.messages).toEqual(['hello yourself'])
  })

  it('hears a message in the same turn as the opening, and reads bytes in order', () => {
    const { dialled, socket } = opened()
    expect(socket.binaryType).toBe('arraybuffer')
    socket.onmessage?.({ data: new Uint8Array([1, 2]).buffer })
    socket.onmessage?.({ data: 'text' })
    expect(dialled.heard.messages).toEqual([new Uint8Array([1, 2]), 'text'])
  })

  it('keeps the close code, which the error event before it does not tell', () => {
    const { dialled, socket } = opened()
    socket.onerror?.({})
    socket.closed(4001, 'go away')
    expect(dialled.end).toMatchObject({ _tag: 'ConnectionClosed', phase: 'open', code: 4001, reason: 'go away' })
  })

  it('says only what a page may say at closing', () => {
    for (const [asked, said] of [
      [1012, 1000],
      [4000, 4000],
      [5000, 1000],
    ] as const) {
      const { dialled, socket, connection } = opened()
      connection.close(asked, 'bye')
      expect(socket.closes).toEqual([[said, 'bye']])
      socket.closed(said)
      expect(dialled.end).toBe('completed')
    }
  })

  it('sends nothing through a socket that is closing', () => {
    const { socket, connection } = opened()
    socket.readyState = 2
    expect(connection.send('late')).toBe(false)
    expect(socket.sent).toEqual([])
  })

  it('hears nothing more of an abandoned socket, which a page cannot cut off', () => {
    const { dialled, socket, connection } = opened()
    connection.abandon()
    expect(dialled.end).toBe('completed')
    expect(socket.closes.length).toBe(1)
    socket.onmessage?.({ data: 'late' })
    socket.closed(1006)
    expect(dialled.heard).toEqual({ messages: [], end: 'completed' })
  })

  it('ends at a message that is too large', () => {
    const { dialled, socket } = opened({ maxPayloadBytes: 10 })
    socket.onmessage?.({ data: 'x'.repeat(10) })
    socket.onmessage?.({ data: 'x'.repeat(11) })
    expect(dialled.heard.messages).toEqual(['x'.repeat(10)])
    expect(dialled.end).toMatchObject({ code: 1009 })
    expect(socket.closes.length).toBe(1)
  })

  it('gives up a socket that does not open', async () => {
    const ended = new Promise<transport.ConnectionClosed>((resolve) => {
      page.webSocket('wss://example.org', { connectTimeoutMs: 5 }).subscribe({ error: resolve })
    })
    const { code, phase, cause } = await ended
    expect({ code, phase, cause }).toMatchObject({
      code: 1006,
      phase: 'connecting',
      cause: { _tag: 'ConnectTimeout' },
    })
    expect(PageSocket.made.at(-1)?.closes.length).toBe(1)
  })

  it('gives ids and times', () => {
    expect(page.systemEntropy.id()).toMatch(/^[A-Za-z0-9_-]{24}$/)
    expect(page.systemClock.monotonic()).toBeGreaterThan(0)
  })
})
