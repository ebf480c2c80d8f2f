import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { config, map, tap } from 'rxjs'
import { listen, type RunningPaperGateway, startPaperGateway } from '../../src/gateway/index.js'
import { PlainClient } from './plain-client.js'

/** RxJS throws these in a turn of their own, which ends a process: here they are caught, to be counted. */
const unhandled: unknown[] = []
const warnings: unknown[] = []
const aTurn = () => new Promise((resolve) => setTimeout(resolve, 5))

let gateway: RunningPaperGateway

beforeAll(() => {
  config.onUnhandledError = (error) => unhandled.push(error)
  jest.spyOn(process, 'emitWarning').mockImplementation((words: unknown) => void warnings.push(words))
})
afterAll(() => {
  config.onUnhandledError = null
  jest.restoreAllMocks()
})
beforeEach(async () => {
  gateway = await startPaperGateway({ port: 0, market: 'none' })
})
afterEach(async () => {
  await gateway.close()
  unhandled.length = 0
  warnings.length = 0
})

const visit = async (url: string) => {
  const client = await PlainClient.open(url)
  await client.login()
  client.terminate()
  await aTurn()
}
const fail = (): never => {
  throw new Error('a mistake in a log')
}

describe('a subscriber that throws at what the gateway tells', () => {
  it.each<[string, () => unknown]>([
    ['in its function', () => gateway.event$.subscribe(fail)],
    ['in its observer', () => gateway.event$.subscribe({ next: fail })],
    ['after operators', () => gateway.event$.pipe(map(({ type }) => type)).subscribe(fail)],
    ['in an operator, without an error handler', () => gateway.event$.pipe(tap(fail)).subscribe()],
    ['when it hears of the error of an operator', () => gateway.event$.pipe(map(fail)).subscribe({ error: fail })],
  ])('%s: neither ends the process nor harms the gateway, and is warned of', async (_, subscribe) => {
    subscribe()
    const others: string[] = []
    gateway.event$.subscribe(({ type }) => others.push(type))
    await visit(gateway.url)
    await visit(gateway.url)
    expect(unhandled).toEqual([])
    expect(warnings[0]).toBe('a subscriber to the events of a gateway threw: a mistake in a log')
    expect(others.filter((type) => type === 'login')).toHaveLength(2)
  })

  it('continues to receive events', async () => {
    const told: string[] = []
    gateway.event$.subscribe(({ type }) => {
      told.push(type)
      fail()
    })
    await visit(gateway.url)
    expect(told.slice(0, 2)).toEqual(['connected', 'login'])
  })

  it('keeps what it is called on', async () => {
    const observer = {
      told: 0,
      next() {
        this.told++
      },
    }
    gateway.event$.subscribe(observer)
    await visit(gateway.url)
    expect(observer.told).toBeGreaterThan(1)
    expect(warnings).toEqual([])
  })

  it('does not end a gateway that lives by that very subscription', async () => {
    const url = await new Promise<string>((resolve) => {
      const serving = listen({ port: 0, platforms: gateway.platforms }).subscribe((event) => {
        if (event.type === 'listening') resolve(event.url)
        if (event.type === 'disconnected') setTimeout(() => serving.unsubscribe(), 1)
        fail()
      })
    })
    await visit(url)
    expect(unhandled).toEqual([])
  })

  it('a failure to listen is still reported', async () => {
    listen({ port: gateway.port, platforms: new Map() }).subscribe()
    while (unhandled.length === 0) await aTurn()
    expect(unhandled[0]).toMatchObject({ code: 'EADDRINUSE' })
  })
})
