import { EventEmitter } from 'node:events'
import { describe, expect, it } from '@jest/globals'
import { serverConnection } from '../../src/transport/index.js'

/** A socket of the ws package whose peer says what the test says. */
class FakeWs {
  readonly #events = new EventEmitter()
  readyState = 1
  bufferedAmount = 0
  paused = 0
  terminated = 0
  on(event: string, listener: (...args: never[]) => void): void {
    this.#events.on(event, (...args: unknown[]) => listener(...(args as never[])))
  }
  emit(event: string, ...args: unknown[]): void {
    this.#events.emit(event, ...args)
  }
  send(): void {}
  close(): void {
    this.readyState = 2
  }
  terminate(): void {
    this.terminated++
  }
  pause(): void {
    this.paused++
  }
  says(count: number): void {
    for (let i = 0; i < count; i++) this.emit('message', Buffer.from('{"op":"ping","ts":1}'), false)
  }
}

describe('a peer that talks on after it was told goodbye', () => {
  it('is not read any more after a few messages', () => {
    const ws = new FakeWs()
    const connection = serverConnection(ws, { closeGraceMs: 10_000 })
    ws.says(1_000)
    expect(ws.paused).toBe(0)
    connection.close(4429, 'too many messages')
    ws.says(16)
    expect(ws.paused).toBe(0)
    ws.says(1)
    expect(ws.paused).toBeGreaterThan(0)
    connection.abandon()
  })

  it('is read as long as it is open, and completes a polite handshake', () => {
    const ws = new FakeWs()
    const connection = serverConnection(ws, { closeGraceMs: 10_000 })
    connection.close(1001, 'the gateway is shutting down')
    ws.says(3)
    ws.emit('close', 1001, Buffer.from(''))
    expect(ws.paused).toBe(0)
    expect(ws.terminated).toBe(1)
  })
})
