import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { settingsOf } from '../../src/client/options.js'
import { build, node, root, rxquant } from '../support/processes.js'

const readme = readFileSync(join(root, 'README.md'), 'utf8')

/** The first block of code under a heading. */
const codeUnder = (heading: string): string => {
  const [, section = ''] = readme.split(`\n## ${heading}\n`)
  return /```ts\n([\s\S]*?)```/.exec(section)?.[1] ?? ''
}

/** The rows `| name | default |` of the table after a line. */
const optionsAfter = (line: string): Record<string, number> => {
  const [, rest = ''] = readme.split(line)
  const [table = ''] = rest.trimStart().split('\n\n')
  const rows = [...table.matchAll(/^\| +`(\w+)` +\| +([\d,]+) +\|/gm)]
  return Object.fromEntries(rows.map(([, name = '', value = '']) => [name, Number(value.replaceAll(',', ''))]))
}

const inPackage = async <A>(work: (folder: string) => Promise<A>): Promise<A> => {
  mkdirSync(join(root, '.cache'), { recursive: true })
  const folder = mkdtempSync(join(root, '.cache/readme-'))
  try {
    return await work(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

describe('the README', () => {
  it('has a first strategy in 25 lines that trades', async () => {
    const code = codeUnder('A first strategy')
    expect(code.trimEnd().split('\n').length).toBeLessThanOrEqual(25)
    build()
    const {
      code: exit,
      stdout,
      stderr,
    } = await inPackage((folder) => {
      writeFileSync(join(folder, 'first.ts'), code)
      return rxquant(['run', join(folder, 'first.ts'), '--seconds', '5']).ended
    })
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' })
    expect(stdout).toMatch(/huobi {2}(bought|sold) 0\.001 BTC\/USDT at/)
  }, 90_000)

  it('has a test of a strategy in marbles, in 21 lines, which is one of our own tests', () => {
    const code = codeUnder('A test in marbles')
    expect(code.trimEnd().split('\n').length).toBeLessThanOrEqual(21)
    expect(code).toBe(readFileSync(join(root, 'test/examples/first-marbles.test.ts'), 'utf8'))
  })

  it('has a piece of library code that places an order, and stays logged in', async () => {
    const code = codeUnder('As a library')
      // The same, against a gateway of the test's own; and an end.
      .replace("connect('ws://127.0.0.1:9878/ws/v1')", 'connect(process.argv[2]!)')
      .concat('setTimeout(() => session.unsubscribe(), 1_000)\n')
    build()
    const gateway = rxquant(['gateway', '--port', '0'])
    const [, url = ''] = await gateway.saying(/listening on (\S+)/)
    const ended = await inPackage((folder) => {
      writeFileSync(join(folder, 'library.ts'), code)
      return node(['--import', 'tsx', join(folder, 'library.ts'), url]).ended
    })
    gateway.kill('SIGTERM')
    await gateway.ended
    expect(ended).toEqual({ code: 0, stderr: '', stdout: expect.stringMatching(/^\w+-\d+\n$/) })
  }, 90_000)

  it('tells every duration of connect with its default', () => {
    const durations = Object.entries(settingsOf({})).filter(([name]) => name.endsWith('Ms'))
    expect(optionsAfter('Options of `connect(url, options)`, in milliseconds:')).toEqual(Object.fromEntries(durations))
  })

  it('tells every duration of execute with its default', () => {
    const source = readFileSync(join(root, 'src/strategy/execute.ts'), 'utf8')
    const durations = [...source.matchAll(/^ {8}(\w+Ms) = ([\d_]+),$/gm)].map(
      ([, name = '', value = '']) => [name, Number(value.replaceAll('_', ''))] as const,
    )
    expect(durations.length).toBeGreaterThan(0)
    expect(optionsAfter('Options of `execute(account, options)`:')).toEqual(Object.fromEntries(durations))
  })

  it('links to what is there', () => {
    const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, path = '']) => path)
    expect(links.filter((path) => !existsSync(join(root, path)))).toEqual([])
    expect(links.length).toBeGreaterThan(10)
  })
})
