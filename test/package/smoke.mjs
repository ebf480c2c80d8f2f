// What a user gets: the packed tarball, installed into an empty project and used in plain Node, from a shell and under plain jest.
// `npm run smoke` builds first. Nothing here knows src, TypeScript or swc.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '../..')
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const entries = Object.keys(manifest.exports).map((path) => manifest.name + path.slice(1))
const project = mkdtempSync(join(tmpdir(), 'rxquant-smoke-'))
const environment = Object.fromEntries(
  // npm hands its scripts settings of the outer project (its package, its prefix): the inner one must not see them.
  Object.entries(process.env).filter(([name]) => !/^npm_(package|lifecycle|config_local_prefix)/.test(name)),
)

function run(title, command, args, { cwd = project, env = {} } = {}) {
  const started = performance.now()
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    env: { ...environment, ...env },
    encoding: 'utf8',
    timeout: 300_000,
  })
  if (status !== 0) {
    throw new Error(`${title} failed (${error?.message ?? `exit code ${status}`})\n${stdout ?? ''}${stderr ?? ''}`)
  }
  console.log(`ok  ${title} (${((performance.now() - started) / 1000).toFixed(1)} s)`)
  return { stdout, stderr }
}

function expect(condition, message) {
  if (!condition) throw new Error(message)
}

try {
  run('npm pack', 'npm', ['pack', '--ignore-scripts', '--loglevel=error', '--pack-destination', project], { cwd: root })
  const tarball = readdirSync(project).find((file) => file.endsWith('.tgz'))
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'a-user', private: true, type: 'module' }))
  run('npm install, in an empty project', 'npm', [
    'install',
    '--prefer-offline',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
    `./${tarball}`,
    `rxjs@${manifest.devDependencies.rxjs}`,
    `jest@${manifest.devDependencies.jest}`,
  ])

  const importing = entries
    .map((entry) => `console.log(${JSON.stringify(entry)}, Object.keys(await import('${entry}')).join(' '))`)
    .join('\n')
  writeFileSync(join(project, 'entries.js'), importing)
  const names = run('every entry, in plain Node', process.execPath, ['entries.js'])
  console.log(names.stdout.trimEnd().replace(/^/gm, '      '))
  expect(names.stderr === '', `importing the entries wrote to stderr:\n${names.stderr}`)

  writeFileSync(
    join(project, 'inside.js'),
    `try { await import('rxquant/dist/index.js') } catch (error) { console.log(error.code) }`,
  )
  const inside = run('nothing but the entries is reachable', process.execPath, ['inside.js'])
  expect(inside.stdout.trim() === 'ERR_PACKAGE_PATH_NOT_EXPORTED', `dist is reachable from outside: ${inside.stdout}`)

  writeFileSync(
    join(project, 'types.ts'),
    `${entries.map((entry, index) => `import * as entry${index} from '${entry}'`).join('\n')}
export const all = [${entries.map((_, index) => `entry${index}`).join(', ')}]
`,
  )
  // The project has no @types of its own: those that the declarations need come with the package.
  for (const module of ['nodenext', 'esnext --moduleResolution bundler']) {
    const strict = '--strict --exactOptionalPropertyTypes --skipLibCheck false --lib es2022,dom'
    run(`types, without skipLibCheck (${module})`, process.execPath, [
      join(root, 'node_modules/@typescript/native/bin/tsc'),
      ...`--noEmit --target es2022 ${strict} --module ${module} types.ts`.split(' '),
    ])
  }

  const help = run('npx rxquant --help', 'npx', ['--no-install', 'rxquant', '--help'])
  expect(help.stdout.includes('Usage: rxquant'), `--help says something else:\n${help.stdout}`)

  // The README's first strategy has no types in it: it is JavaScript too, and a user of JavaScript has no tsx.
  const [, first] = /\n## A first strategy\n[\s\S]*?```ts\n([\s\S]*?)```/.exec(
    readFileSync(join(root, 'README.md'), 'utf8'),
  )
  writeFileSync(join(project, 'first.js'), first)
  const trading = run('npx rxquant run, a first strategy', 'npx', [
    '--no-install',
    'rxquant',
    'run',
    'first.js',
    '--seconds',
    '5',
  ])
  expect(/(bought|sold) 0\.001 BTC\/USDT/.test(trading.stdout), `it did not trade:\n${trading.stdout}${trading.stderr}`)
  expect(/^ +first ran for 5/m.test(trading.stdout), `it has no summary:\n${trading.stdout}`)

  mkdirSync(join(project, 'test'))
  writeFileSync(join(project, 'jest.config.js'), 'export default {}\n')
  writeFileSync(
    join(project, 'test/user.test.js'),
    `import { expect, test } from '@jest/globals'
${entries.map((entry, index) => `import * as entry${index} from '${entry}'`).join('\n')}

test('the package can be used in a plain jest project', () => {
  for (const entry of [${entries.map((_, index) => `entry${index}`).join(', ')}]) expect(entry).toBeDefined()
})
`,
  )
  run('a plain jest project', process.execPath, [
    '--no-warnings',
    '--experimental-vm-modules',
    'node_modules/jest/bin/jest.js',
  ])
  console.log('smoke: the packed package works')
} catch (error) {
  console.error(`smoke: ${error.message}`)
  process.exitCode = 1
} finally {
  rmSync(project, { recursive: true, force: true })
}
