import type { Duplex } from 'node:stream'

export interface UnfinishedOptions {
  /** Largest number at the same time; beyond it the oldest are dropped. */
  readonly most: number
  /** Deadline of each, in ms. */
  readonly withinMs: number
}

/**
 * Sockets that are no WebSocket yet: they have said nothing, or half of a request. They have a
 * budget and a deadline of their own, so that they take no place of those who trade, and however
 * many come, the oldest make room for the newest.
 */
export class UnfinishedSockets {
  readonly #options: UnfinishedOptions
  /** Oldest first, with the time at which each is due. */
  readonly #due = new Map<Duplex, number>()
  #timer: ReturnType<typeof setTimeout> | undefined
  #isDropping = false

  constructor(options: UnfinishedOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#due.size
  }

  add(socket: Duplex): void {
    this.#due.set(socket, performance.now() + this.#options.withinMs)
    socket.once('close', () => this.#due.delete(socket))
    this.#setTimer()
    if (this.#due.size > this.#options.most) this.#dropSoon()
  }

  /** It has become a WebSocket. */
  finished(socket: Duplex): void {
    this.#due.delete(socket)
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#due.clear()
  }

  /**
   * Not at once: of hundreds that are accepted in one turn, one that has sent its request whole
   * must be read before.
   */
  #dropSoon(): void {
    if (this.#isDropping) return
    this.#isDropping = true
    setImmediate(() => {
      this.#isDropping = false
      for (const socket of this.#due.keys()) {
        if (this.#due.size <= this.#options.most) return
        this.#drop(socket)
      }
    })
  }

  #setTimer(): void {
    const [next] = this.#due.values()
    if (this.#timer !== undefined || next === undefined) return
    this.#timer = setTimeout(() => this.#dropOverdue(), Math.max(1, Math.ceil(next - performance.now())))
  }

  #dropOverdue(): void {
    this.#timer = undefined
    const now = performance.now()
    for (const [socket, due] of this.#due) {
      if (due > now) break
      this.#drop(socket)
    }
    this.#setTimer()
  }

  #drop(socket: Duplex): void {
    this.#due.delete(socket)
    socket.destroy()
  }
}
