import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { firstValueFrom, Observable } from 'rxjs'
import { listen, paperPlatforms, type RunningPaperGateway, startPaperGateway } from '../../src/gateway/index.js'
import { PlainClient } from './plain-client.js'

let gateway: RunningPaperGateway
const events: unknown[] = []

beforeAll(async () => {
  gateway = await startPaperGateway({
    ...{ port: 0, market: 'none', allowedOrigins: ['http://localhost:5173'] },
    allowedHosts: ['Trade.Example', 'proxy.example:443', '[fd00::1]:443'],
  })
  gateway.event$.subscribe((event) => events.push(event))
})
afterAll(() => gateway.close())

const dial = async (headers: Record<string, string>, url = gateway.url) => {
  const client = await PlainClient.open(url, { headers })
  client.terminate()
}

describe('a web page that opens the gateway’s socket (fault 28)', () => {
  it.each([
    'https://evil.example',
    'null',
    'http://localhost:5174',
    'http://localhost',
    'https://localhost:5173',
    'http://localhost:5173.evil.example',
    'HTTP://LOCALHOST:5173',
    '',
  ])('of origin %j is refused with 403', async (Origin) => {
    await expect(dial({ Origin })).rejects.toThrow('403')
  })

  it('of the gateway’s own address is refused too: under rebinding every page is of that origin', async () => {
    await expect(dial({ Origin: `http://127.0.0.1:${gateway.port}` })).rejects.toThrow('403')
  })

  it('of an origin on the list is let in', async () => {
    await dial({ Origin: 'http://localhost:5173' })
  })

  it('is reported as an event, with the origin', () => {
    for (const refused of ['https://evil.example', 'null', 'http://localhost:5174'])
      expect(events).toContainEqual({ type: 'turned-away', why: 'origin', refused })
  })

  it.each(['http://a.example/path?key=1', 'key', `http://${'a'.repeat(300)}`, 'http://user:key@a.example', 'a b'])(
    'of the form of no origin is reported without it: %j',
    async (Origin) => {
      await expect(dial({ Origin })).rejects.toThrow('403')
      expect(events.at(-1)).toEqual({ type: 'turned-away', why: 'origin' })
    },
  )
})

describe('a name that was made to point here (fault 28)', () => {
  it.each([
    'evil.example',
    'evil.example:PORT',
    '127.0.0.1',
    '127.0.0.1:1',
    'localhost.evil.example:PORT',
    'user@127.0.0.1:PORT',
    '127.0.0.1:PORT:PORT',
    '__proto__:PORT',
    '[::1',
    'localhost.:PORT',
    'trade.example',
    'trade.example:443',
    'proxy.example:PORT',
    'proxy.example',
    '[fd00::1]:PORT',
  ])('%s is refused with 403', async (host) => {
    await expect(dial({ Host: host.replaceAll('PORT', String(gateway.port)) })).rejects.toThrow('403')
  })

  it.each([
    ...['127.0.0.1:PORT', 'localhost:PORT', 'LocalHost:PORT', '[::1]:PORT'],
    ...['trade.example:PORT', 'Proxy.Example:443', '[fd00::1]:443'],
  ])('%s is ours', async (host) => {
    await dial({ Host: host.replaceAll('PORT', String(gateway.port)) })
  })
})

describe('the endpoint', () => {
  it('is at its path only', async () => {
    await expect(dial({}, gateway.url.replace('/ws/v1', '/'))).rejects.toThrow('404')
  })

  it('offers no compression', async () => {
    const client = await PlainClient.open(gateway.url, { perMessageDeflate: true })
    expect(client.extensions).toBe('')
    client.terminate()
  })

  it('asks for an upgrade when it is asked for a page', async () => {
    const status = await new Promise((resolve, reject) => {
      request(gateway.url.replace('ws:', 'http:'), (response) => {
        response.resume()
        resolve(response.statusCode)
      })
        .on('error', reject)
        .end()
    })
    expect(status).toBe(426)
  })
})

describe('listening', () => {
  it.each(['0.0.0.0', '::', '192.0.2.1', 'example.com'])('beyond loopback, on %s, must be asked for', async (host) => {
    await expect(startPaperGateway({ host, port: 0 })).rejects.toThrow('allowRemote')
  })

  it('on an address in brackets is on that address', async () => {
    const other = await startPaperGateway({ host: '[::1]', port: 0, market: 'none' })
    const client = await PlainClient.open(other.url)
    client.terminate()
    await other.close()
  })

  it.each(['ws', '', '/ws/v1?x=1', '/ws#v1'])('at the unreachable path %j is refused', async (path) => {
    await expect(startPaperGateway({ port: 0, path })).rejects.toThrow('the path must begin with /')
  })

  it('on a port that is taken is an error, and leaves no market running', async () => {
    const running: string[] = []
    const market = ({ platform }: { platform: string }) =>
      new Observable<never>(() => {
        running.push(platform)
        return () => running.splice(running.indexOf(platform), 1)
      })
    await expect(startPaperGateway({ port: gateway.port, market })).rejects.toThrow('EADDRINUSE')
    expect(running).toEqual([])
  })

  it('ends with the subscription: clients hear 1001, and the port is free again', async () => {
    const events$ = listen({ port: 0, platforms: paperPlatforms({ market: 'none' }) })
    const listening = await new Promise<{ url: string; port: number; stop: () => void }>((resolve) => {
      const subscription = events$.subscribe((event) => {
        if (event.type === 'listening') resolve({ ...event, stop: () => subscription.unsubscribe() })
      })
    })
    const client = await PlainClient.open(listening.url)
    listening.stop()
    expect((await client.end()).code).toBe(1001)
    const again = await startPaperGateway({ port: listening.port, market: 'none' })
    await again.close()
  })

  it('can be closed and awaited, with clients on it that never answer', async () => {
    const other = await startPaperGateway({ port: 0, market: 'none' })
    const client = await PlainClient.open(other.url)
    client.pause()
    await other.close()
    await expect(PlainClient.open(other.url)).rejects.toThrow('ECONNREFUSED')
    client.terminate()
  })

  it('says first that it listens', async () => {
    const first = await firstValueFrom(listen({ port: 0, platforms: new Map() }), { defaultValue: undefined })
    expect(first).toEqual({
      type: 'listening',
      url: expect.stringMatching(/^ws:\/\/127\.0\.0\.1:\d+\/ws\/v1$/),
      port: expect.any(Number),
    })
  })
})
