import WebSocket from 'ws'

/** Any frame, as JSON.parse gives it: this client knows the protocol text and nothing of our types. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- that is the point
export type Frame = Record<string, any>

/** A plain `ws` script: no library of ours, only what the protocol text says. */
export class PlainClient {
  readonly frames: Frame[] = []
  readonly #socket: WebSocket
  readonly #waiters = new Set<() => void>()
  closed: { code: number; reason: string } | undefined

  private constructor(socket: WebSocket) {
    this.#socket = socket
    socket.on('message', (data: Buffer) => {
      this.frames.push(JSON.parse(data.toString()))
      this.#wake()
    })
    socket.on('close', (code, reason) => {
      this.closed = { code, reason: String(reason) }
      this.#wake()
    })
    socket.on('error', () => {})
  }

  static open(url: string, options: WebSocket.ClientOptions = {}): Promise<PlainClient> {
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(url, options)
      const client = new PlainClient(socket)
      socket.once('open', () => resolve(client))
      socket.once('error', reject)
    })
  }

  get extensions(): string {
    return this.#socket.extensions
  }

  sendText(text: string): void {
    this.#socket.send(text)
  }

  /** A text frame whose bytes are no UTF-8. */
  sendBrokenText(): void {
    this.#socket.send(Buffer.from([0x22, 0xc3, 0x28, 0x22]), { binary: false })
  }

  sendBytes(bytes: Uint8Array): void {
    this.#socket.send(bytes)
  }

  send(frame: Frame): void {
    this.sendText(JSON.stringify(frame))
  }

  /** Stops reading, as a stuck process does. */
  pause(): void {
    this.#socket.pause()
  }

  close(): Promise<{ code: number; reason: string }> {
    this.#socket.close()
    return this.end()
  }

  /** Ends without a word. */
  terminate(): void {
    this.#socket.terminate()
  }

  /** The first frame, past or future, of which `wanted` is true. */
  async first(wanted: (frame: Frame) => boolean): Promise<Frame> {
    for (;;) {
      const found = this.frames.find(wanted)
      if (found !== undefined) return found
      if (this.closed) throw new Error(`closed (${this.closed.code} ${this.closed.reason}) before the frame came`)
      await this.#more()
    }
  }

  /** Sends a request and waits for its reply. */
  async ask(request: Frame): Promise<Frame> {
    this.send(request)
    return this.first((frame) => frame.op === request.op && frame.cid === request.cid)
  }

  /** Logs in and waits for READY; gives the token. */
  async login(fields: Frame = {}): Promise<string> {
    const cid = `login-${this.frames.length}`
    const reply = await this.ask({
      op: 'login',
      cid,
      platform: 'huobi',
      symbols: ['BTC/USDT', 'ETH/USDT'],
      access_key: 'an-access-key',
      secret_key: 'a-secret-key',
      ...fields,
    })
    if (reply.result !== true) throw new Error(`login refused: ${reply.error_message}`)
    await this.first((frame) => frame.op === 'state' && frame.token === reply.token && frame.code === 6)
    return reply.token
  }

  async end(): Promise<{ code: number; reason: string }> {
    while (this.closed === undefined) await this.#more()
    return this.closed
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiters.add(resolve)
    })
  }

  #wake(): void {
    const waiters = [...this.#waiters]
    this.#waiters.clear()
    for (const wake of waiters) wake()
  }
}
