// Test runners of users, each as src/testing/README.md sets it up, on the packed tarball: `npm run smoke:runners`. Takes minutes and needs the registry.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { entries, expect, install, manifest, project, root, run, smoke } from './project.mjs'

/** A test that passes, and one that must fail, in a notation that all runners share. */
const tests = (imports) => `${imports}
${entries.map((entry, index) => `import * as entry${index} from '${entry}'`).join('\n')}
import { map } from 'rxjs'
import { marbles } from 'rxquant/testing'

const doubled = (out) =>
  marbles({
    lanes: \`
      price  1  1s 2
      out    2  1s \${out}\`,
    run: ({ hot }) => ({ out: hot('price').pipe(map((n) => Number(n) * 2)) }),
  })

test('every entry', () => {
  for (const entry of [${entries.map((_, index) => `entry${index}`).join(', ')}]) {
    if (Object.keys(entry).length === 0) throw new Error('an entry is empty')
  }
})
test('doubles', () => doubled('4'))
if (process.env.MUST_FAIL) test('must fail', () => doubled('5'))
`

/** The block of code of the page that is the set-up of this runner. */
const documented = (marker) => {
  const page = readFileSync(join(root, 'src/testing/README.md'), 'utf8')
  const [, code] = new RegExp(`\`\`\`js\\n(// ${marker}[^]*?)\`\`\``).exec(page) ?? []
  expect(code !== undefined, `src/testing/README.md has no set-up "${marker}"`)
  return code
}

const runners = [
  {
    name: 'jest with ts-jest, CommonJS',
    package: {},
    files: { 'jest.config.js': documented('jest.config.js, CommonJS'), 'user.test.ts': tests('') },
    command: ['node_modules/jest/bin/jest.js'],
  },
  {
    name: 'jest, ES modules',
    package: { type: 'module' },
    files: { 'jest.config.js': 'export default {}\n', 'user.test.js': tests("import { test } from '@jest/globals'") },
    command: ['--no-warnings', '--experimental-vm-modules', 'node_modules/jest/bin/jest.js'],
  },
  {
    name: 'vitest',
    package: { type: 'module' },
    files: { 'user.test.ts': tests("import { test } from 'vitest'") },
    command: ['node_modules/vitest/vitest.mjs', 'run', '--root', '.'],
  },
  {
    name: 'vitest, CommonJS package',
    package: {},
    files: { 'user.test.ts': tests("import { test } from 'vitest'") },
    command: ['node_modules/vitest/vitest.mjs', 'run', '--root', '.'],
  },
  {
    name: 'node:test',
    package: { type: 'module' },
    files: { 'user.test.js': tests("import { test } from 'node:test'") },
    command: ['--test', 'user.test.js'],
  },
  {
    name: 'bun test',
    package: { type: 'module' },
    program: join(project, 'node_modules/.bin/bun'),
    files: { 'user.test.js': tests("import { test } from 'bun:test'") },
    command: ['test', './user.test.js'],
    // JavaScriptCore drops the frame of a tail call, and with it the line of the test.
    place: /MarblesFailed/,
  },
]

smoke('smoke: the packed package works in every runner', () => {
  const versions = { bun: '1.4.5', 'ts-jest': '29.4.15', typescript: '5.9.3', vitest: '4.1.12' }
  install(
    { type: 'module' },
    `jest@${manifest.devDependencies.jest}`,
    ...Object.entries(versions).map(([name, version]) => `${name}@${version}`),
  )
  for (const [index, runner] of runners.entries()) {
    const {
      name,
      package: settings,
      files,
      command,
      program = process.execPath,
      place = /user\.test\.[jt]s:\d+/,
    } = runner
    const folder = join(project, `runner-${index}`)
    mkdirSync(folder)
    writeFileSync(join(folder, 'package.json'), JSON.stringify(settings))
    for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text)
    const args = command.map((part) => (part.startsWith('node_modules/') ? join('..', part) : part))
    run(name, program, args, { cwd: folder })
    const { status, stdout, stderr } = spawnSync(program, args, {
      cwd: folder,
      env: { ...process.env, MUST_FAIL: '1' },
      encoding: 'utf8',
    })
    const output = stdout + stderr
    expect(status !== 0 && place.test(output), `${name}: a test that must fail gives\n${output}`)
    console.log(`ok  ${name}: a wrong lane fails`)
  }
})
