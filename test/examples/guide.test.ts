// examples/GUIDE.md is followed to the letter: its files are written, its commands run, and what it says they print is looked for.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { build, node, root, rxquant } from '../support/processes.js'

const guide = readFileSync(join(root, 'examples/GUIDE.md'), 'utf8')

interface Block {
  readonly kind: string
  readonly text: string
}
const blocks = [...guide.matchAll(/^```(.*)\n([\s\S]*?)^```$/gm)].map(
  ([, kind = '', text = '']): Block => ({ kind, text }),
)

let folder = ''
beforeAll(() => {
  build()
  mkdirSync(join(root, '.cache'), { recursive: true })
  folder = mkdtempSync(join(root, '.cache/guide-'))
}, 90_000)
afterAll(() => rmSync(folder, { recursive: true }))

/** Runs a command of the guide, with what is built here in the place of what would be installed. */
const run = (command: string) => {
  const [npx, name, ...args] = command.trim().split(' ')
  if (npx === 'npx' && name === 'tsx') return node(['--import', 'tsx', ...args], { cwd: folder }).ended
  if (npx === 'npx' && name === 'rxquant') return rxquant(args, { cwd: folder }).ended
  throw new Error(`the guide runs ${command}, which this test cannot`)
}

/** What stands in a picture at a place that differs from run to run. */
const shape = (line: string) =>
  line
    .trim()
    .replace(/\d[\d,.]*/g, '0')
    .replace(/ +/g, ' ')
/** What any run of a strategy says, whatever the market does. */
const always = /connected|READY: ready|logged out/

it('is followed from its first block to its last', async () => {
  let output = ''
  for (const [index, { kind, text }] of blocks.entries()) {
    if (kind === 'ts') {
      const name = /^\/\/ (\S+)\n/.exec(text)?.[1]
      expect({ index, name }).toEqual({ index, name: expect.stringMatching(/^[\w.]+\.ts$/) })
      writeFileSync(join(folder, name ?? ''), text)
    } else if (kind === 'sh') {
      const { stdout, stderr, code } = await run(text)
      output = stdout + stderr
      // Only the test that is meant to fail may.
      const fails = blocks[index + 1]?.text.includes('^1') === true
      expect({ command: text, code, output }).toEqual({ command: text, code: fails ? 1 : 0, output })
    } else {
      const isLive = kind === 'text live'
      const clean = isLive ? shape : (line: string) => line.trim()
      const lines = new Set(output.split('\n').map((line) => clean(line.replace(/^[#ℹ] /, ''))))
      const told = text.split('\n').filter((line) => line.trim() !== '' && (!isLive || always.test(line)))
      expect(told.map(clean).filter((line) => !lines.has(line))).toEqual([])
    }
  }
}, 240_000)

it('has files whose types are right', () => {
  const config = {
    extends: join(root, 'tsconfig.json'),
    compilerOptions: { paths: pathsFrom(root), allowImportingTsExtensions: false },
    include: [join(folder, '*.ts')],
    exclude: [join(folder, '*.marble.ts'), join(folder, 'incident.test.ts')],
  }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
  const { stdout } = spawnSync(
    process.execPath,
    [join(root, 'node_modules/@typescript/native/bin/tsc'), '-p', join(folder, 'tsconfig.json')],
    { encoding: 'utf8' },
  )
  expect(stdout).toBe('')
}, 60_000)

it('links to what is there', () => {
  const links = [...guide.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, path = '']) => path)
  expect(links.filter((path) => !existsSync(join(root, 'examples', path)))).toEqual([])
  expect(links.length).toBeGreaterThan(4)
})

const pathsFrom = (from: string) => ({
  rxquant: [join(from, 'src/index.ts')],
  'rxquant/*': [join(from, 'src/*/index.ts')],
  '#web-socket': [join(from, 'src/transport/socket/node-socket.ts')],
})
