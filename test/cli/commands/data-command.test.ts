import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { build, root, rxquant } from '../../support/processes.js'

let folder: string
beforeAll(() => {
  build()
  folder = mkdtempSync(join(root, '.cache/data-'))
}, 60_000)
afterAll(() => rmSync(folder, { recursive: true }))

const T0 = Date.UTC(2024, 0, 1)
const ohlcv = (...minutes: readonly number[]) => minutes.map((minute) => [T0 + minute * 60_000, 1, 1, 1, 1, 4])
const write = (name: string, text: string) => {
  const file = join(folder, name)
  writeFileSync(file, text)
  return file
}

describe('rxquant data', () => {
  it('check ends with 0 for a sound file and 1 for one with faults, of which it names the rows', async () => {
    const sound = await rxquant(['data', 'check', write('BTC_USDT-1m.json', JSON.stringify(ohlcv(0, 1, 2)))]).ended
    expect(sound).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/BTC_USDT-1m\.json: sound\n {2}read as OHLCV/),
    })
    const faulty = await rxquant(['data', 'check', write('ETH_USDT-1m.json', JSON.stringify(ohlcv(0, 1, 2, 7, 8)))])
      .ended
    expect(faulty).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/faulty\n.*\n.*\n {2}1 gaps: row 3 \(4 miss/),
    })
  }, 60_000)

  it('convert writes a file that --market and data check take', async () => {
    const out = join(folder, 'btc.rxq')
    const source = write('january.json', JSON.stringify(ohlcv(0, 1, 2)))
    const made = await rxquant(['data', 'convert', source, '--symbol', 'BTC/USDT', '--out', out]).ended
    expect(made).toMatchObject({
      code: 0,
      stdout: `${out}: 3 rows\n`,
      stderr: expect.stringContaining('read as OHLCV'),
    })
    expect(await rxquant(['data', 'check', out]).ended).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('read as candles of BTC/USDT; columns'),
    })
    const absent = await rxquant(['data', 'convert', join(folder, 'no.csv'), '--out', out]).ended
    expect(absent).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^rxquant: there is no file .*no\.csv\n$/),
    })
  }, 60_000)
})
