import { ABNORMAL } from '../close-words.js'
import { deaf, type Socket, type SocketLimits, type SocketListener } from './socket.js'

/**
 * The WebSocket of the web platform, as far as it is used here. Any WebSocket class has this face.
 */
export interface WebSocketLike {
  readonly readyState: number
  readonly bufferedAmount: number
  binaryType: string
  onopen: ((event: never) => void) | null
  onmessage: ((event: { readonly data: unknown }) => void) | null
  onerror: ((event: { readonly error?: unknown }) => void) | null
  onclose: ((event: { readonly code: number; readonly reason: string }) => void) | null
  send(data: string): void
  close(code?: number, reason?: string): void
  /** Ends at once; only sockets of Node have it. */
  terminate?(): void
}

const OPEN = 1
const TOO_BIG = 1009

/** A page may say 1000 and 3000 to 4999; the browser throws at others. */
const codeForPages = (code: number): number => (code >= 3000 ? code : 1000)

/** A socket that has the face of the web platform's WebSocket. */
export class StandardSocket implements Socket {
  readonly #raw: WebSocketLike
  #listener: SocketListener = deaf

  constructor(raw: WebSocketLike, { maxPayloadBytes }: SocketLimits) {
    this.#raw = raw
    // The default is a Blob, which can only be read asynchronously, hence out of order.
    raw.binaryType = 'arraybuffer'
    raw.onmessage = ({ data }) => {
      const message = data instanceof ArrayBuffer ? new Uint8Array(data) : (data as string | Uint8Array)
      if (message.length > maxPayloadBytes) {
        // Browsers know no maxPayload. By now it is in memory, but it is not parsed.
        this.#listener.failed(new RangeError(`a message is larger than ${maxPayloadBytes} bytes (maxPayloadBytes)`))
        this.#listener.closed(TOO_BIG, '')
        this.terminate()
      } else this.#listener.received(message)
    }
    let isOpen = false
    let isClosed = false
    raw.onopen = () => {
      isOpen = true
      this.#listener.opened()
    }
    raw.onclose = ({ code, reason }) => {
      isClosed = true
      this.#listener.closed(code, reason)
    }
    raw.onerror = (event) => {
      this.#listener.failed(event.error)
      if (isOpen) return
      // Node's own WebSocket says no more than this where it cannot connect; browsers close in the
      // same turn.
      setTimeout(() => {
        if (!isOpen && !isClosed) this.#listener.closed(ABNORMAL, '')
      }, 0)
    }
  }

  get isOpen(): boolean {
    return this.#raw.readyState === OPEN
  }

  get bufferedAmount(): number {
    return this.#raw.bufferedAmount
  }

  listen(listener: SocketListener): void {
    this.#listener = listener
  }

  send(text: string): void {
    this.#raw.send(text)
  }

  close(code: number, reason: string): void {
    this.#raw.close(codeForPages(code), reason)
  }

  terminate(): void {
    // Browsers cannot do better than to close politely, unheard.
    if (this.#raw.terminate === undefined) this.#raw.close()
    else this.#raw.terminate()
  }
}
