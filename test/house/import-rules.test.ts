import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'

// A small project beside the real one, under the real rules: what is right in it, and one file for each way to break them.
const right = {
  'src/index.ts': `export { connect } from './client/index.js'`,
  'src/protocol/index.ts': `export * from './data/order.js'`,
  'src/protocol/data/order.ts': `import * as t from 'io-ts'\nexport const Order = t.type({})\nexport type Order = t.TypeOf<typeof Order>`,
  'src/operators/index.ts': `import { map } from 'rxjs'\nexport const gate = map`,
  'src/transport/index.ts': `import { isIP } from 'node:net'\nimport { WebSocket } from 'ws'\nexport { open } from '#web-socket'\nexport const all = [isIP, WebSocket]`,
  'src/transport/socket/node-socket.ts': `export const open = 1`,
  'src/protocol/internal.ts': `export const quote = JSON.stringify`,
  'src/client/uses-internal.ts': `import { quote } from '../protocol/internal.js'\nexport const text = quote(1)`,
  'src/client/index.ts': `import { Order } from '../protocol/index.js'\nimport { gate } from '../operators/index.js'\nexport const connect = [Order, gate]\nexport type Account = object`,
  'src/client/errors.ts': `export class NotSent extends Error {}`,
  'src/client/account.ts': `import type { Line } from './requests/line.js'\nexport interface Account { readonly line: Line }`,
  'src/client/connection/wire.ts': `import { NotSent } from '../errors.js'\nexport const wire = NotSent`,
  'src/client/requests/line.ts': `import { wire } from '../connection/wire.js'\nexport const line = wire\nexport type Line = typeof line`,
  'src/client/session/login.ts': `import type { Account } from '../account.js'\nimport { line } from '../requests/line.js'\nexport const login = (): Account => ({ line })`,
  'src/strategy/index.ts': `import type { Account } from '../client/index.js'\nexport type Strategy = (account: Account) => void`,
  'src/exchange/index.ts': `import type { Order } from '../protocol/index.js'\nexport type Book = Order[]`,
  'src/gateway/index.ts': `export * from '../exchange/index.js'`,
  'src/cli/main.ts': `import { connect } from '../index.js'\nimport * as gateway from '../gateway/index.js'\nconsole.log(connect, gateway)`,
  'examples/connect.ts': `import { connect } from 'rxquant'\nimport { gate } from 'rxquant/operators'\nconsole.log(connect, gate)`,
  'test/helper.ts': `export const help = 1`,
}
const wrong = {
  'src/operators/upward.ts': `import { connect } from '../client/index.js'\nexport const up = connect`,
  'src/operators/upward-type.ts': `import type { Account } from '../client/index.js'\nexport type Up = Account`,
  'src/protocol/face.ts': `import { connect } from '../index.js'\nexport const face = connect`,
  'src/client/past-the-index.ts': `import { Order } from '../protocol/data/order.js'\nexport const past = Order`,
  'src/client/egg.ts': `import { hen } from './hen.js'\nexport const egg = hen\nexport type Egg = 1`,
  'src/client/hen.ts': `import type { Egg } from './egg.js'\nexport const hen: Egg = 1`,
  'src/strategy/value.ts': `import { connect } from '../client/index.js'\nexport const value = connect`,
  'src/exchange/file.ts': `import { readFileSync } from 'node:fs'\nexport const read = readFileSync`,
  'src/client/connection/upward.ts': `import { line } from '../requests/line.js'\nexport const up = line`,
  'src/client/requests/upward-type.ts': `import type { Verdict } from '../orders/verdict.js'\nexport type Up = Verdict`,
  'src/client/orders/verdict.ts': `import type { Account } from '../account.js'\nexport type Verdict = Account`,
  'src/client/session/entry.ts': `import { connect } from '../index.js'\nexport const entry = connect`,
  'src/client/options.ts': `import { line } from './requests/line.js'\nexport const options = line`,
  'src/client/state/attic.ts': `import { old } from '../attic/old.js'\nexport const attic = old`,
  'src/client/attic/old.ts': `export const old = 1`,
  'src/client/socket.ts': `import { WebSocket } from 'ws'\nexport const socket = WebSocket`,
  'src/client/tested.ts': `import { help } from '../../test/helper.js'\nexport const tested = help`,
  'src/gateway/tool.ts': `import fc from 'fast-check'\nexport const tool = fc`,
  'src/cli/attic.ts': `import { old } from '../attic/index.js'\nexport const attic = old`,
  'src/attic/index.ts': `export const old = 1`,
  'src/cli/lost.ts': `import { lost } from './nowhere.js'\nexport const found = lost`,
  'examples/internal.ts': `import { quote } from '../src/protocol/internal.js'\nconsole.log(quote)`,
  'examples/inside.ts': `import { Order } from '../src/protocol/data/order.js'\nconsole.log(Order)`,
}

interface Report {
  readonly summary: {
    readonly violations: readonly { readonly from: string; readonly rule: { readonly name: string } }[]
  }
}

let broken = new Map<string, Set<string>>()
const root = resolve('.')
const project = mkdtempSync(join(tmpdir(), 'rxquant-imports-'))

beforeAll(() => {
  for (const file of ['package.json', 'tsconfig.json']) copyFileSync(join(root, file), join(project, file))
  symlinkSync(join(root, 'node_modules'), join(project, 'node_modules'))
  for (const [file, text] of Object.entries({ ...right, ...wrong })) {
    mkdirSync(dirname(join(project, file)), { recursive: true })
    writeFileSync(join(project, file), text)
  }
  const report = JSON.parse(
    execFileSync(
      process.execPath,
      [
        join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs'),
        ...['--config', join(root, '.config/dependency-cruiser.cjs')],
        ...['--output-type', 'json', 'src', 'examples'],
      ],
      { cwd: project, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
    ),
  ) as Report
  broken = new Map()
  for (const { from, rule } of report.summary.violations) {
    broken.set(from, (broken.get(from) ?? new Set()).add(rule.name))
  }
})
afterAll(() => rmSync(project, { recursive: true, force: true }))

const rulesBrokenBy = (file: keyof typeof right | keyof typeof wrong) => [...(broken.get(file) ?? [])].sort()

describe('the import rules', () => {
  it('let the layers of the design be', () => {
    expect(Object.keys(right).filter((file) => broken.has(file))).toEqual([])
  })

  it('refuse an upward import, be it of a type only', () => {
    expect(rulesBrokenBy('src/operators/upward.ts')).toEqual(['operators-imports-down-only'])
    expect(rulesBrokenBy('src/operators/upward-type.ts')).toEqual(['operators-imports-down-only'])
    expect(rulesBrokenBy('src/protocol/face.ts')).toContain('protocol-imports-down-only')
  })

  it("refuse an upward import between the client's parts, be it of a type only", () => {
    expect(rulesBrokenBy('src/client/connection/upward.ts')).toEqual(['client-connection-imports-down-only'])
    expect(rulesBrokenBy('src/client/requests/upward-type.ts')).toEqual(['client-requests-imports-down-only'])
    expect(rulesBrokenBy('src/client/state/attic.ts')).toEqual(['client-state-imports-down-only'])
  })

  it("refuse the client's face in its parts, and its parts in what all of them use", () => {
    expect(rulesBrokenBy('src/client/orders/verdict.ts')).toEqual(['client-face-on-top'])
    expect(rulesBrokenBy('src/client/session/entry.ts')).toEqual(['client-entry-on-top'])
    expect(rulesBrokenBy('src/client/options.ts')).toEqual(['client-base-below'])
  })

  it("refuse an import past another folder's index.ts", () => {
    expect(rulesBrokenBy('src/client/past-the-index.ts')).toEqual(['through-the-index'])
  })

  it('refuse a cycle, be it of a type only', () => {
    // A cycle is reported once, on one of its modules.
    expect([...rulesBrokenBy('src/client/egg.ts'), ...rulesBrokenBy('src/client/hen.ts')]).toEqual(['no-cycles'])
  })

  it('refuse a value where only types may be imported', () => {
    expect(rulesBrokenBy('src/strategy/value.ts')).toEqual(['strategy-imports-types-only'])
  })

  it("refuse Node's modules and ws where the code must run in a browser", () => {
    expect(rulesBrokenBy('src/exchange/file.ts')).toEqual(['node-only-on-machines'])
    expect(rulesBrokenBy('src/client/socket.ts')).toEqual(['client-packages', 'ws-only-on-machines'])
  })

  it('refuse tests and development packages in src', () => {
    expect(rulesBrokenBy('src/client/tested.ts')).toEqual(['src-knows-no-tests'])
    expect(rulesBrokenBy('src/gateway/tool.ts')).toEqual(['gateway-packages', 'no-development-packages'])
  })

  it('refuse a folder without a layer and a module that does not exist', () => {
    expect(rulesBrokenBy('src/cli/attic.ts')).toEqual(['folder-has-a-layer'])
    expect(rulesBrokenBy('src/cli/lost.ts')).toEqual(['resolvable'])
  })

  it('refuse an example that reaches inside', () => {
    expect(rulesBrokenBy('examples/inside.ts')).toEqual(['face-through-the-index'])
    expect(rulesBrokenBy('examples/internal.ts')).toEqual(['face-through-the-index'])
  })
})
