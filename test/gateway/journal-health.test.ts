import { connect } from 'node:net'
import { mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { type GatewayEvent, type RunningPaperGateway, startPaperGateway } from '../../src/gateway/index.js'

let root: string
let gateway: RunningPaperGateway
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'rxquant-health-'))
  gateway = await startPaperGateway({ port: 0, market: 'none', journal: join(root, 'journal') })
})
afterEach(async () => {
  await gateway.close()
  rmSync(root, { recursive: true })
})

const page = async (path: string) => {
  const answer = await fetch(`http://127.0.0.1:${gateway.port}${path}`)
  return { status: answer.status, text: await answer.text() }
}

describe('a gateway whose journal cannot be written', () => {
  it('answers /healthz with 503, raises a gauge and tells an event; and takes all back once it can', async () => {
    expect(await page('/healthz')).toEqual({ status: 200, text: 'ok\n' })
    expect((await page('/metrics')).text).toContain('rxquant_journal_failed{platform="huobi"} 0\n')
    const events: GatewayEvent[] = []
    gateway.event$.subscribe((event) => events.push(event))
    const [here, away] = [join(root, 'journal', 'huobi'), join(root, 'away')]
    renameSync(here, away)
    expect(await page('/healthz')).toEqual({ status: 503, text: 'the journal of huobi cannot be written\n' })
    expect((await page('/metrics')).text).toContain('rxquant_journal_failed{platform="huobi"} 1\n')
    expect(events).toMatchObject([{ type: 'journal', platform: 'huobi', state: 'failed' }])
    // Whoever asks later is told too.
    const late: GatewayEvent[] = []
    gateway.event$.subscribe((event) => late.push(event))
    expect(late).toMatchObject([{ type: 'journal', state: 'failed' }])
    renameSync(away, here)
    gateway.platforms
      .get('huobi')!
      .open({
        symbols: ['BTC/USDT'],
        accessKey: { reveal: () => 'k', isEmpty: false } as never,
        secretKey: { reveal: () => 's', isEmpty: false } as never,
        market: [],
      })
      .event$.subscribe()
      .unsubscribe()
    expect(events.at(-1)).toMatchObject({ state: 'restored' })
    expect((await page('/healthz')).status).toBe(200)
  })
})

describe('a request with two Host headers', () => {
  const raw = (head: string): Promise<string> =>
    new Promise((resolve, reject) => {
      let answer = ''
      const socket = connect(gateway.port, '127.0.0.1', () => socket.write(head))
      socket.on('data', (data) => (answer += data.toString()))
      socket.on('close', () => resolve(answer))
      socket.on('error', reject)
    })
  it.each([
    ['a page', '/healthz', ''],
    [
      'an upgrade',
      '/ws/v1',
      'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n',
    ],
  ])('is refused with 400: %s', async (_, path, more) => {
    const ours = `Host: 127.0.0.1:${gateway.port}\r\n`
    const answer = await raw(`GET ${path} HTTP/1.1\r\n${ours}host: evil.example\r\n${more}\r\n`)
    expect(answer).toMatch(/^HTTP\/1\.1 400 /)
  })
})
