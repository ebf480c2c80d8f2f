import { get } from 'node:https'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { ListenRefused, type RunningPaperGateway, startPaperGateway } from '../../src/gateway/index.js'
import { selfSigned } from '../support/self-signed.js'
import { PlainClient } from './plain-client.js'

const tls = selfSigned()
let gateway: RunningPaperGateway

beforeAll(async () => {
  gateway = await startPaperGateway({ port: 0, market: 'none', tls })
})
afterAll(() => gateway.close())

describe('a gateway with a certificate', () => {
  it('speaks the protocol over TLS, to those who trust the certificate', async () => {
    expect(gateway.url).toMatch(/^wss:\/\/127\.0\.0\.1:\d+\/ws\/v1$/)
    const client = await PlainClient.open(gateway.url, { ca: tls.cert })
    const token = await client.login()
    expect(await client.ask({ op: 'asset', cid: 'a', token })).toMatchObject({ result: true })
    client.terminate()
  })

  it('is not believed by those who do not', async () => {
    await expect(PlainClient.open(gateway.url)).rejects.toThrow(/self-signed certificate/)
    await expect(PlainClient.open(gateway.url, { ca: selfSigned().cert })).rejects.toThrow(/certificate/)
  })

  it('speaks nothing else: who dials in clear is hung up on, and others are unaffected', async () => {
    const other = await PlainClient.open(gateway.url, { ca: tls.cert })
    await expect(PlainClient.open(gateway.url.replace('wss:', 'ws:'))).rejects.toThrow(/hang up|ECONNRESET|Parse/)
    other.send({ op: 'ping', ts: 1 })
    await other.first(({ op }) => op === 'pong')
    other.terminate()
  })

  it('lets no other origin and no other name in', async () => {
    const dial = (headers: Record<string, string>) => PlainClient.open(gateway.url, { ca: tls.cert, headers })
    await expect(dial({ Origin: 'https://evil.example' })).rejects.toThrow('403')
    await expect(dial({ Host: 'evil.example' })).rejects.toThrow('403')
    // Alone, a name stands for port 443 here.
    await expect(dial({ Host: 'localhost' })).rejects.toThrow('403')
  })

  it('has its pages over TLS too', async () => {
    const status = await new Promise((resolve, reject) => {
      get({ host: '127.0.0.1', port: gateway.port, path: '/healthz', ca: tls.cert }, (response) => {
        response.resume()
        resolve(response.statusCode)
      }).on('error', reject)
    })
    expect(status).toBe(200)
  })
})

describe('listening beyond loopback', () => {
  it.each([
    ['nothing', {}, ['tls', 'allowRemote']],
    ['TLS alone', { tls }, ['allowRemote']],
    ['allowRemote alone', { allowRemote: true }, ['tls']],
  ])('with %s is refused, and said in words what is missing', async (_, given, missing) => {
    for (const host of ['0.0.0.0', '::', '192.0.2.1', 'example.com', '127.0.0.1.example.com']) {
      const refused = startPaperGateway({ host, port: 0, market: 'none', ...given })
      await expect(refused).rejects.toThrow(ListenRefused)
      await expect(refused).rejects.toMatchObject({ _tag: 'ListenRefused', host, missing })
    }
  })

  it('with both is what was asked for, under the names that are given', async () => {
    const asked = { host: '0.0.0.0', allowRemote: true, allowedHosts: ['localhost'] }
    const remote = await startPaperGateway({ port: 0, market: 'none', tls, ...asked })
    const client = await PlainClient.open(`wss://localhost:${remote.port}/ws/v1`, { ca: tls.cert })
    await client.login()
    client.terminate()
    await expect(PlainClient.open(`wss://127.0.0.1:${remote.port}/ws/v1`, { ca: tls.cert })).rejects.toThrow('403')
    await remote.close()
  })
})

describe('a certificate that is none', () => {
  it.each([
    ['no PEM', { cert: 'nonsense', key: tls.key }],
    ['another’s key', { cert: tls.cert, key: selfSigned().key }],
  ])('%s: is an error before anything listens', async (_, broken) => {
    await expect(startPaperGateway({ port: 0, market: 'none', tls: broken })).rejects.toMatchObject({
      code: /ERR_OSSL/,
    })
  })
})
