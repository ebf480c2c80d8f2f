import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { build, root, rxquant } from '../../support/processes.js'

let folder: string
beforeAll(() => {
  build()
  folder = mkdtempSync(join(root, '.cache/strategy-errors-'))
}, 60_000)
afterAll(() => rmSync(folder, { recursive: true }))

/** A strategy in TypeScript; what stands in `run` begins in line 9. */
const inTypeScript = (run: string): string => `import { map, NEVER, of, timer } from 'rxjs'
import { strategy } from 'rxquant/strategy'
interface Lines {
  readonly that: string
  readonly disappear: number
}
export default strategy({
  logins: [{ platform: 'huobi', symbols: ['BTC/USDT'] }],
${run}
})
void [map, NEVER, of, timer]
`

const runs: readonly (readonly [title: string, file: string, source: string, words: RegExp])[] = [
  [
    'an operator throws',
    'operator.ts',
    inTypeScript('  run: () => timer(50).pipe(map((n) => (n as unknown as Lines[])[7]!.that)),'),
    /TypeError: Cannot read properties[^\n]*\n +at <anonymous> \(\S+operator\.ts:9:/,
  ],
  [
    'run throws',
    'sync.ts',
    inTypeScript("  run: () => { throw new RangeError('not today') },"),
    /RangeError: not today\n +at Object\.run \(\S+sync\.ts:9:/,
  ],
  [
    'a subscriber of its own throws',
    'aside.ts',
    inTypeScript("  run: () => { of(1).subscribe(() => { throw new Error('aside') }); return NEVER },"),
    /Error: aside\n +at \S+ \(\S+aside\.ts:9:/,
  ],
  [
    'a promise rejects, with a cause',
    'promise.ts',
    inTypeScript(
      "  run: () => { void Promise.resolve().then(() => { throw new Error('late', { cause: new Error('early') }) }); return NEVER },",
    ),
    /Error: late\n +at \S+ \(\S+promise\.ts:9:\d+\)[^]*caused by Error: early\n +at \S+ \(\S+promise\.ts:9:/,
  ],
  [
    'it throws what is no Error',
    'string.ts',
    inTypeScript("  run: () => timer(50).pipe(map(() => { throw 'words' })),"),
    /words was thrown, which is no Error and has no stack/,
  ],
  [
    'run returns no Observable',
    'async.ts',
    inTypeScript('  run: (async () => NEVER) as never,'),
    /must return an Observable, but returned a Promise/,
  ],
]

const loads: readonly (readonly [title: string, file: string, source: string, words: RegExp])[] = [
  [
    'its module throws',
    'module.ts',
    `interface Gone {\n  readonly a: 1\n}\nexport default JSON.parse('{') as Gone\n`,
    /module\.ts cannot be loaded: SyntaxError: [^]* \(\S+module\.ts:4:/,
  ],
  [
    'its TypeScript cannot be parsed',
    'syntax.ts',
    `\nconst a = = 3\n`,
    /syntax\.ts cannot be loaded: [^]*syntax\.ts:2:/,
  ],
  [
    'its JavaScript cannot be parsed',
    'syntax.mjs',
    `\nconst a = = 3\n`,
    /syntax\.mjs cannot be loaded: [^]*syntax\.mjs:2\n/,
  ],
  [
    'it imports a name that is not there',
    'names.mjs',
    `\nimport { nothingOfThat } from 'rxjs'\n`,
    /names\.mjs cannot be loaded: [^]*names\.mjs:2\n/,
  ],
]

const started = (file: string, source: string, ...flags: readonly string[]) => {
  writeFileSync(join(folder, file), source)
  return rxquant(['run', join(folder, file), '--seconds', '10', ...flags]).ended
}

describe('file and line of what a strategy throws', () => {
  it.each(runs)(
    'are told in a run, and in the events of --json: %s',
    async (_, file, source, words) => {
      const [run, json] = await Promise.all([started(file, source), started(`json-${file}`, source, '--json')])
      expect(run).toMatchObject({ code: 1, stderr: expect.stringMatching(words) })
      expect(run.stdout).toContain('logged out')
      const events = json.stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>)
      expect({ code: json.code, error: events.find(({ type }) => type === 'error') }).toEqual({
        code: 1,
        error: expect.objectContaining({ stack: expect.stringMatching(words) }),
      })
      expect(events.at(-1)).toMatchObject({ type: 'summary' })
    },
    30_000,
  )

  it.each(loads)(
    'are told where it cannot be loaded: %s',
    async (_, file, source, words) => {
      const { code, stderr } = await started(file, source)
      expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(words) })
    },
    30_000,
  )

  it('are left out where an order was refused, whose message says all', async () => {
    const { stderr } = await started(
      'refused.ts',
      inTypeScript(
        "  run: (account) => account.placeOrder({ symbol: 'BTC/USDT', action: 'BUY', price: NaN, quantity: 1, order_type: 'LIMIT' }),",
      ),
    )
    expect(stderr).toMatch(/^rxquant: NotSent: place_order was not sent \(invalid\)[^\n]*\n$/)
  }, 30_000)
})
