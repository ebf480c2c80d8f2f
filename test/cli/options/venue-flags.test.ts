import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { build, rxquant } from '../../support/processes.js'

let folder: string
beforeAll(() => {
  build()
  folder = mkdtempSync(join(tmpdir(), 'rxquant-flags-'))
}, 60_000)
afterAll(() => rmSync(folder, { recursive: true }))

describe('--chaos', () => {
  it('says at the end what was done to the strategy, and the strategy’s run ends in order', async () => {
    const file = join(folder, 'twice.json')
    writeFileSync(file, '{ "quirks": [{ "quirk": "notice-twice", "topic": "asset" }, { "quirk": "state-unknown" }] }')
    const { code, stderr } = await rxquant(['run', 'examples/ema-cross.ts', '--seconds', '1', '--chaos', file]).ended
    expect(stderr).toMatch(/^chaos: .*state-unknown \d+/m)
    expect(stderr).toMatch(/notice-twice \d+/)
    expect(code).toBe(0)
  }, 30_000)

  it('says line and place of what is wrong in its file', async () => {
    const file = join(folder, 'bad.json')
    writeFileSync(file, '{ "quirks": [\n{ "quirk": "reply-lost", "rate": 7 }] }')
    expect(await rxquant(['gateway', '--port', '0', '--chaos', file]).ended).toMatchObject({
      code: 1,
      stderr: `rxquant: ${file}, line 2: quirks[0].rate should be a number from 0 to 1, but is 7\n`,
    })
  }, 30_000)

  it('is not for a gateway of somebody else', async () => {
    const args = ['run', 'examples/ema-cross.ts', '--url', 'ws://127.0.0.1:1', '--chaos', 'examples/chaos.json']
    expect(await rxquant(args).ended).toMatchObject({ code: 1, stderr: expect.stringContaining('--chaos is for the') })
  }, 30_000)
})

describe('--latency', () => {
  it('refuses what are no durations', async () => {
    expect(await rxquant(['gateway', '--latency', '20,x']).ended).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('ms there, and then back and jitter'),
    })
  }, 30_000)
})
