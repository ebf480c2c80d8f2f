import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { gatewayLog, type LogLevel } from '../../../src/cli/commands/gateway-log.js'
import type { GatewayEvent } from '../../../src/gateway/index.js'

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'log-'))
  file = join(folder, 'gateway.log')
})
afterEach(() => rmSync(folder, { recursive: true }))

const all: readonly GatewayEvent[] = [
  { type: 'listening', url: 'ws://127.0.0.1:1/ws/v1', port: 1 },
  { type: 'turned-away', why: 'origin' },
  { type: 'connected', connection: 1 },
  { type: 'login', connection: 1, platform: 'huobi' },
  { type: 'login-refused', connection: 1, why: 'repeat' },
  { type: 'bad-frame', connection: 1, why: 'json' },
  { type: 'logout', connection: 1, platform: 'huobi', clean: false },
  { type: 'disconnected', connection: 1, why: 'closed' },
  { type: 'disconnected', connection: 2, why: 'what was sent is not being read', code: 4413 },
  { type: 'fault', where: 'huobi asset', error: 'TypeError' },
]

const logged = async (level: LogLevel | undefined, events: readonly GatewayEvent[]) => {
  const log = await gatewayLog({ file, ...(level === undefined ? {} : { level }) })
  for (const event of events) log.write(event)
  await log.close()
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}

describe('the log of a gateway', () => {
  it('has each event as a line of JSON with its time, its level and its fields', async () => {
    const lines = await logged('trace', all)
    expect(lines).toHaveLength(all.length)
    expect(lines[4]).toEqual({
      level: 'warn',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      connection: 1,
      why: 'repeat',
      msg: 'login refused',
    })
    expect(lines.map(({ msg }) => msg)).toContain('listening')
  })

  it.each<[LogLevel | undefined, number]>([
    ['trace', 10],
    ['debug', 10],
    [undefined, 7],
    ['info', 7],
    ['warn', 4],
    ['error', 1],
    ['fatal', 0],
  ])('at level %s has %i of them', async (level, count) => {
    expect(await logged(level, all)).toHaveLength(count)
  })

  it('holds no field that nobody has named, whatever an event comes to hold', async () => {
    const more = all.map((event) => ({ ...event, token: 'a-token', access_key: 'a-key', error: 'Error' }))
    const lines = await logged('trace', more)
    expect(JSON.stringify(lines)).not.toMatch(/a-token|a-key/)
  })

  it('is appended to, and readable by its owner alone', async () => {
    await logged('info', all)
    expect(await logged('info', all)).toHaveLength(14)
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  it('is not filled by strangers: beyond 200 lines a second it says how many were left out', async () => {
    const lines = await logged(
      'info',
      Array.from({ length: 10_000 }, () => ({ type: 'turned-away', why: 'host' })),
    )
    expect(lines.length).toBeLessThan(2_000)
    const leftOut = lines.filter(({ msg }) => msg === 'lines were left out')
    const kept = lines.length - leftOut.length
    expect(leftOut.reduce((sum, line) => sum + Number(line.lines), kept)).toBe(10_000)
  })

  it('is nothing at all when it is silent', async () => {
    const log = await gatewayLog({ level: 'silent', file })
    for (const event of all) log.write(event)
    log.note('words')
    await log.close()
    expect(() => statSync(file)).toThrow('ENOENT')
  })

  it('says in words that its file cannot be written', async () => {
    await expect(gatewayLog({ file: join(folder, 'nowhere', 'log') })).rejects.toThrow(/cannot write the log .*ENOENT/)
  })
})
