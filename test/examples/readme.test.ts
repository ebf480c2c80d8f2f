import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { settingsOf } from '../../src/client/options.js'
import { executionOf } from '../../src/strategy/execution/execution-state.js'
import { parseLanes } from '../../src/testing/notation/parse.js'
import { build, node, root, rxquant } from '../support/processes.js'

const pageAt = (path: string): string => readFileSync(join(root, path), 'utf8')

const readme = pageAt('README.md')
const client = pageAt('src/client/README.md')
const testing = pageAt('src/testing/README.md')
const backtesting = pageAt('src/backtest/README.md')
const gatewayPage = pageAt('src/gateway/README.md')
const commandLine = pageAt('src/cli/README.md')

/** The pages that the package holds. */
const pages = [
  'README.md',
  'CHANGELOG.md',
  'marbles/README.md',
  ...['examples', 'src'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.md'))
      .map((file) => `${folder}/${file}`),
  ),
]

/** The first block of code under a heading of a page. */
const codeUnder = (page: string, heading: string): string => {
  const [, section = ''] = page.split(`\n## ${heading}\n`)
  return /```ts\n([\s\S]*?)```/.exec(section)?.[1] ?? ''
}

/** The rows `| name | default |` of the table after a line of the client's page. */
const optionsAfter = (line: string): Record<string, number> => {
  const [, rest = ''] = client.split(line)
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

/** Anchors of a page, as GitHub makes them of its headings. */
const anchorsOf = (page: string): Set<string> =>
  new Set(
    [...page.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  )

describe('the README', () => {
  it('fits on two screens, with one picture, the risk and the licence', () => {
    expect(readme.split('\n').length).toBeLessThanOrEqual(100)
    expect([...readme.matchAll(/^!\[/gm)]).toHaveLength(1)
    const headings = [...readme.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading)
    expect(headings).toEqual([
      'Why',
      'Features',
      'Two commands',
      'A first strategy',
      'A backtest',
      'What it is not',
      'Documentation',
      'Risk',
      'Licence',
    ])
  })

  it('has a first strategy in ten lines after its imports that trades', async () => {
    const code = codeUnder(readme, 'A first strategy')
    const [, body = ''] = code.split('\n\n')
    expect(body.trimEnd().split('\n').length).toBeLessThanOrEqual(10)
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
})

describe('the pages beside the code', () => {
  it('have a test of a strategy in marbles, in 21 lines, which is one of our own tests', () => {
    const code = codeUnder(testing, 'A test in marbles')
    expect(code.trimEnd().split('\n').length).toBeLessThanOrEqual(21)
    expect(code).toBe(readFileSync(join(root, 'test/examples/first-marbles.test.ts'), 'utf8'))
  })

  it('show the failure of that test as it is printed', async () => {
    const code = codeUnder(testing, 'A test in marbles')
      .replace('@jest/globals', 'node:test')
      .replace('debounceTime(500)', 'debounceTime(600)')
      .replace('              3s buy(95)`', '`')
    const [, failure = ''] = /it fails so:\n\n```\n([\s\S]*?)```/.exec(testing) ?? []
    const linesOf = (text: string): string[] => text.split('\n').map((line) => line.trim())
    build()
    const ended = await inPackage((folder) => {
      mkdirSync(join(folder, 'test'))
      writeFileSync(join(folder, 'test/dip.test.ts'), code)
      return node(['--import', 'tsx', 'test/dip.test.ts'], { cwd: folder }).ended
    })
    expect(ended.code).toBe(1)
    expect(linesOf(ended.stdout)).toEqual(expect.arrayContaining(linesOf(failure)))
  }, 90_000)

  it('have a backtest whose report has the figures of its days', async () => {
    build()
    const { ended, report } = await inPackage(async (folder) => {
      writeFileSync(join(folder, 'strategy.ts'), codeUnder(readme, 'A first strategy'))
      writeFileSync(join(folder, 'report.ts'), codeUnder(backtesting, 'From a backtest to a report'))
      const ended = await node(['--import', 'tsx', 'report.ts'], { cwd: folder }).ended
      return { ended, report: ended.code === 0 ? readFileSync(join(folder, 'report.html'), 'utf8') : '' }
    })
    expect(ended).toEqual({ code: 0, stderr: '', stdout: '' })
    const cards = [...report.matchAll(/<span>([^<]+)<\/span><b class="\w*">([^<]+)</g)]
    const empty = cards.filter(([, , value = '']) => ['–', '0', '0.00', '0.00 %'].includes(value))
    // CAGR and Calmar need 30 days; the strategy follows noise, and gains on no round trip.
    expect(cards).toHaveLength(16)
    expect(empty.map(([, name]) => name)).toEqual(['CAGR', 'Calmar', 'Profit factor'])
  }, 90_000)

  it('have lanes that can be read', () => {
    const blocks = [...testing.matchAll(/^```\n( {2}[\s\S]*?)```/gm)].map(([, text = '']) => text)
    const lanes = blocks.filter((text) => !text.includes('expected'))
    expect(lanes.map((text) => parseLanes(text).length)).toEqual([1, 4])
  })

  it('have a piece of library code that places an order, and stays logged in', async () => {
    const code = codeUnder(client, 'Connect, log in, place an order')
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

  it('have a gateway in a server of its own, in memory and by WebSocket', async () => {
    build()
    const ended = await inPackage((folder) => {
      writeFileSync(join(folder, 'server.ts'), codeUnder(gatewayPage, 'In a server of your own'))
      return node(['--import', 'tsx', 'server.ts'], { cwd: folder }).ended
    })
    expect(ended).toEqual({ code: 0, stderr: '', stdout: '100000 USDT\n100000 USDT\n' })
  }, 90_000)

  it('give every duration of connect with its default', () => {
    const durations = Object.entries(settingsOf({})).filter(([name]) => name.endsWith('Ms'))
    expect(optionsAfter('Options of `connect(url, options)`, in milliseconds:')).toEqual(Object.fromEntries(durations))
  })

  it('give every duration of execute with its default', () => {
    const { settings } = executionOf({})
    const durations = Object.entries(settings).filter(([name, value]) => name.endsWith('Ms') && value !== Infinity)
    expect(durations.length).toBeGreaterThan(0)
    expect(optionsAfter('Options of `execute(account, options)`:')).toEqual(Object.fromEntries(durations))
  })

  it('name every option of connect', () => {
    expect(Object.keys(settingsOf({})).filter((name) => !client.includes(`| \`${name}\``))).toEqual([])
  })

  it('name every option of every command', async () => {
    build()
    const commands = ['run', 'backtest', 'compare', 'gateway', 'marbles from-log', 'journal check', 'journal repair']
    const helps = await Promise.all(commands.map((command) => rxquant([...command.split(' '), '--help']).ended))
    const sections = ['run', 'backtest', 'compare', 'gateway', 'marbles', 'journal', 'journal']
    const missing = helps.flatMap(({ stdout }, index) => {
      const [, section = ''] = commandLine.split(`\n## rxquant ${sections[index]}\n`)
      const [own = ''] = section.split('\n## ')
      const options = [...stdout.matchAll(/^ +(?:-\w, )?(--[\w-]+)/gm)].map(([, option = '']) => option)
      expect(options).toContain('--help')
      return options.filter((option) => option !== '--help' && !own.includes(option)).map((option) => [index, option])
    })
    expect(missing).toEqual([])
  }, 90_000)

  it.each(pages)('link to what is there: %s', (path) => {
    const links = [...pageAt(path).matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)].map(
      ([, to = '', anchor]) => ({ to: to === '' ? path : join(dirname(path), to), anchor }),
    )
    const dead = links.filter(
      ({ to, anchor }) =>
        !existsSync(join(root, to)) ||
        (anchor !== undefined && to.endsWith('.md') && !anchorsOf(pageAt(to)).has(anchor)),
    )
    expect(dead).toEqual([])
  })

  it('are in the package, as is all that they link to but tests and forms of the repository', () => {
    const { files } = JSON.parse(pageAt('package.json')) as { readonly files: readonly string[] }
    const isPacked = (path: string) =>
      files.some((entry) => path === entry || path.startsWith(`${entry}/`)) || /^src\/.*\.md$/.test(path)
    expect(files).toContain('src/**/*.md')
    const linked = [...readme.matchAll(/\]\((?!https?:)([^)#\s]+)/g)].map(([, to = '']) => to)
    expect(linked.length).toBeGreaterThan(20)
    expect([...pages, ...linked].filter((path) => !isPacked(path) && !/^(test|\.github)\//.test(path))).toEqual([])
  })
})
