import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { build, root, rxquant } from '../../support/processes.js'

let folder: string
beforeAll(() => {
  build()
  folder = mkdtempSync(join(root, '.cache/usage-'))
}, 60_000)
afterAll(() => rmSync(folder, { recursive: true }))

const env = { RXQUANT_ACCESS_KEY: 'the-access-key', RXQUANT_SECRET_KEY: 'the-secret-key' }
const run = ['run', 'examples/ema-cross.ts']
const far = ['--url', 'ws://127.0.0.1:1/ws/v1']

describe('options that would be ignored, or cannot be, are refused before anything is done', () => {
  it.each<[string, readonly string[], RegExp]>([
    ['--seed with --url', [...run, ...far, '--seed', '1'], /--seed is for the embedded paper gateway/],
    ['--speed with --url', [...run, ...far, '--speed', '1'], /--speed is for the embedded paper gateway/],
    ['--market with --url', [...run, ...far, '--market', 'a.csv'], /--market is for the embedded paper gateway/],
    ['--keys without --url', [...run, '--keys', 'package.json'], /--keys needs --url/],
    ['--seed with a recording', [...run, '--market', 'a.csv', '--seed', '1'], /--seed .* says nothing to --market/],
    ['the same, at the gateway', ['gateway', '--market', 'a.csv', '--seed', '1'], /--seed .* says nothing to --market/],
    ['--columns without --market', [...run, '--columns', 'timestamp'], /--columns needs --market/],
    ['--symbol without --market', ['gateway', '--symbol', 'BTC/USDT'], /--symbol needs --market/],
    ['a symbol that is none', [...run, '--market', 'a.csv', '--symbol', 'BTCUSDT'], /It must be a symbol such as BTC/],
    ['--fsync without --journal', ['gateway', '--fsync', 'never'], /--fsync needs --journal/],
    ['a log file that stays empty', ['gateway', '--log-level', 'silent', '--log-file', 'x'], /--log-file would stay/],
    ...['banana', 'wws://a', '', 'ws://', 'ws://a:99999/', 'ws://a/#b'].map(
      (url): [string, readonly string[], RegExp] => [
        `--url '${url}'`,
        [...run, '--url', url],
        /^rxquant: --url: .*ws:\/\//,
      ],
    ),
    ['no symbol', [...run, '--symbols', ''], /names separated by commas/],
    ['a list with a hole', [...run, '--platform', 'huobi,'], /names separated by commas/],
    ['a file without a name', [...run, '--record', ''], /must be a file/],
    ['endless seconds', [...run, '--seconds', 'Infinity'], /must be a number above 0/],
    ['help for nothing', ['help', 'trade'], /there is no command trade/],
  ])(
    '%s',
    async (_, args, words) => {
      const { code, stdout, stderr } = await rxquant(args, { env }).ended
      expect({ code, stdout, stderr }).toEqual({ code: 1, stdout: '', stderr: expect.stringMatching(words) })
    },
    30_000,
  )
})

it('--seed is taken with a recording where it governs the jitter of --latency', async () => {
  const args = [...run, '--market', 'no.csv', '--seed', '1', '--latency', '1,1,1']
  expect(await rxquant(args).ended).toMatchObject({ code: 1, stderr: expect.stringContaining('no market file no.csv') })
}, 30_000)

it.each([
  [['help', 'run'], 'Usage: rxquant run [options] <strategy>'],
  [['help', 'journal', 'check'], 'Usage: rxquant journal check [options] <path>'],
  [['help'], 'Usage: rxquant [options] [command]'],
])(
  'help: %j',
  async (args, words) => {
    expect(await rxquant(args).ended).toMatchObject({ code: 0, stdout: expect.stringContaining(words), stderr: '' })
  },
  30_000,
)

it('a run of more days than a timer can wait does not end at once', async () => {
  const running = rxquant([...run, '--seconds', '3000000'])
  // Its status, every 5 s.
  await running.saying(/huobi {2}READY, /)
  running.kill('SIGINT')
  expect(await running.ended).toMatchObject({ code: 0, stdout: expect.stringContaining('ran for') })
}, 60_000)

describe('the exit code', () => {
  const orders = (prices: readonly number[]): string => `import { catchError, concat, EMPTY } from 'rxjs'
export default {
  logins: [{ platform: 'huobi', symbols: ['BTC/USDT'] }],
  run: (account) => concat(...${JSON.stringify(prices)}.map((price) =>
    account.placeOrder({ symbol: 'BTC/USDT', action: 'BUY', price, quantity: 1, order_type: 'LIMIT' }).pipe(catchError(() => EMPTY)))),
}
`
  it.each([
    [
      'is 4 where every order was refused or not sent',
      [-1, 1e9],
      4,
      /placed nothing: all of its 2 orders were refused/,
    ],
    ['is 0 where one of several was taken', [-1, 100], 0, /^$/],
    ['is 0 where none was sent', [], 0, /^$/],
  ] as const)(
    '%s',
    async (title, prices, code, words) => {
      const file = join(folder, `${title.replaceAll(' ', '-')}.mjs`)
      writeFileSync(file, orders(prices))
      expect(await rxquant(['run', file]).ended).toMatchObject({ code, stderr: expect.stringMatching(words) })
    },
    30_000,
  )
})
