import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'

const wide = `// ${'long '.repeat(20)}`

let project = ''
const write = (path: string, text: string): void => {
  mkdirSync(dirname(join(project, path)), { recursive: true })
  writeFileSync(join(project, path), text)
}
const budget = (counts: object): void => write('.config/prose.json', JSON.stringify({ 'src/client': counts }))
const budgetNow = () => JSON.parse(readFileSync(join(project, '.config/prose.json'), 'utf8')) as Record<string, unknown>

const prose = (...args: readonly string[]) => {
  const { status, stdout } = spawnSync(process.execPath, [resolve('.config/prose.js'), '--root', project, ...args], {
    encoding: 'utf8',
  })
  return {
    status,
    found: stdout
      .trimEnd()
      .split('\n')
      .filter((line) => line !== ''),
  }
}

beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'rxquant-prose-'))
})
afterEach(() => rmSync(project, { recursive: true }))

describe('the step prose of npm run check', () => {
  it('finds doc comments that begin with a clause, also after the first line', () => {
    write(
      'src/client/a.ts',
      '/** What it does. */\nconst a = 1\n/**\n * Whether b.\n */\nconst b = a\n/** Whatever. */\n',
    )
    expect(prose()).toEqual({
      status: 1,
      found: ['clause: src/client/a.ts:1: What it does.', 'clause: src/client/a.ts:3: Whether b.'],
    })
  }, 60_000)

  it('finds words of the stop list in comments and messages, not in code', () => {
    write(
      'src/client/a.ts',
      "const he = 'nobody' // Lest it ends.\nthrow new Error(`${he} is told of it`)\nconst key = /nobody whom/\n",
    )
    expect(prose()).toEqual({
      status: 1,
      found: ['word: src/client/a.ts:1: Lest', 'word: src/client/a.ts:2: is told'],
    })
  }, 60_000)

  it('finds comments of more than 100 columns, not code', () => {
    write(
      'src/client/a.ts',
      `${wide}\nexport const a = [${'1_000, '.repeat(16)}]\nconst text = '// ${'x'.repeat(100)}'\n`,
    )
    expect(prose()).toEqual({ status: 1, found: [`wide: src/client/a.ts:1: ${wide.trimEnd()}`] })
  }, 60_000)

  it('allows what the budget of a folder allows, and no more', () => {
    write('src/client/a.ts', '/** What it does. */\nconst a = 1\n')
    budget({ clause: 1, word: 0, wide: 0 })
    expect(prose()).toEqual({ status: 0, found: [] })
    write('src/client/b.ts', '/** How it does it. */\nconst b = 1\n')
    expect(prose().status).toBe(1)
  }, 60_000)

  it('lowers the budget with --write, and never raises it', () => {
    write('src/client/a.ts', '/** What it does. */\nconst a = 1\n')
    budget({ clause: 3, word: 2, wide: 0 })
    expect(prose('--write').status).toBe(0)
    expect(budgetNow()['src/client']).toEqual({ clause: 1, word: 0, wide: 0 })
    write('src/client/b.ts', '/** How it does it. */\nconst b = 1\n')
    expect(prose('--write').status).toBe(1)
    expect(budgetNow()['src/client']).toEqual({ clause: 1, word: 0, wide: 0 })
  }, 60_000)
})
