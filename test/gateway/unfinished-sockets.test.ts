import { connect, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from '@jest/globals'
import { type Limits, type RunningPaperGateway, startPaperGateway } from '../../src/gateway/index.js'
import { until } from '../support/dial.js'
import { PlainClient } from './plain-client.js'

let gateway: RunningPaperGateway
const sockets: Socket[] = []
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await gateway.close()
})
const start = async (limits: Partial<Limits>) => {
  gateway = await startPaperGateway({ port: 0, market: 'none', limits })
}

/** Sockets that say half of a request and nothing more; each is told when the gateway drops it. */
const halves = async (count: number, dropped: (i: number) => void = () => undefined) => {
  await Promise.all(
    Array.from({ length: count }, (_, i) => {
      const socket = connect(gateway.port, '127.0.0.1')
      sockets.push(socket)
      socket.on('error', () => undefined).on('close', () => dropped(i))
      return new Promise<void>((resolve) => socket.write('GET /ws/v1 HTTP/1.1\r\nHost: ', () => resolve()))
    }),
  )
}

describe('half requests', () => {
  it('more than there may be connections do not lock a client out', async () => {
    await start({ connections: 4, unfinishedUpgrades: 8 })
    await halves(1_200)
    const client = await PlainClient.open(gateway.url)
    client.terminate()
  }, 20_000)

  it('beyond their budget are dropped, the oldest first, and no client that is connected with them', async () => {
    await start({ unfinishedUpgrades: 8 })
    const client = await PlainClient.open(gateway.url)
    const gone: number[] = []
    for (let i = 0; i < 20; i++) await halves(1, () => gone.push(i))
    await until('12 are dropped', () => gone.length === 12)
    expect(gone.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, i) => i))
    expect(client.closed).toBeUndefined()
    client.terminate()
  })

  it('are dropped at their deadline, and a connection that was made meanwhile lives on', async () => {
    await start({ upgradeWithinMs: 50 })
    const gone: number[] = []
    await halves(3, (i) => gone.push(i))
    const client = await PlainClient.open(gateway.url)
    await until('all are dropped', () => gone.length === 3)
    expect(client.closed).toBeUndefined()
    client.terminate()
  })
})
