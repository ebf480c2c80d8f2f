import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { WebSocket } from 'ws'
import { type RunningPaperGateway, startPaperGateway } from '../../src/gateway/index.js'

let gateway: RunningPaperGateway
beforeAll(async () => {
  gateway = await startPaperGateway({ port: 0, market: 'none', limits: { messagesPerSecond: 50 } })
})
afterAll(() => gateway.close())

const open = (): Promise<WebSocket> =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(gateway.url)
    socket.once('open', () => resolve(socket)).on('error', reject)
  })

it.each(['ping', 'pong'] as const)(
  'a flood of %s frames, which are no messages, ends its own connection and no other',
  async (kind) => {
    const [flooder, other] = [await open(), await open()]
    flooder.removeAllListeners('error').on('error', () => {})
    const ended = new Promise((resolve) => flooder.once('close', resolve))
    for (let i = 0; i < 51; i++) flooder[kind]()
    await ended
    for (let i = 0; i < 50; i++) other[kind]()
    other.send('{"op":"ping","ts":1}')
    expect(String(await new Promise((resolve) => other.once('message', resolve)))).toBe('{"op":"pong","ts":1}')
    other.terminate()
  },
)
