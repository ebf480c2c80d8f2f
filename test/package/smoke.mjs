// What a user gets: the packed tarball, installed into an empty project and used in plain Node, from a shell and under jest.
// `npm run smoke` builds first. Nothing here knows src. Other test runners: `npm run smoke:runners`.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { entries, expect, install, manifest, project, root, run, smoke } from './project.mjs'

smoke('smoke: the packed package works', () => {
  install({ type: 'module' }, `jest@${manifest.devDependencies.jest}`)

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
  expect(/^ +first ran for [45]/m.test(trading.stdout), `it has no summary:\n${trading.stdout}`)

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

  const dist = join(project, 'node_modules/rxquant/dist')
  const withMeta = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter(
    (file) =>
      /\.js$/.test(file) && !file.startsWith('cli') && /import\.meta\.\w/.test(readFileSync(join(dist, file), 'utf8')),
  )
  expect(withMeta.length === 0, `transforms to CommonJS stumble over import.meta: ${withMeta.join(', ')}`)

  // Most projects with jest are CommonJS: there a transform turns the package into that.
  mkdirSync(join(project, 'commonjs'))
  writeFileSync(join(project, 'commonjs/package.json'), '{}')
  const swc = createRequire(import.meta.url).resolve('@swc/jest')
  writeFileSync(
    join(project, 'commonjs/jest.config.js'),
    `module.exports = {
  transform: { '\\\\.js$': [${JSON.stringify(swc)}, { jsc: { target: 'es2022' }, module: { type: 'commonjs' } }] },
  transformIgnorePatterns: ['/node_modules/(?!(rxquant|trading-signals)/)'],
}
`,
  )
  writeFileSync(
    join(project, 'commonjs/user.test.js'),
    `test('every entry', () => {
  for (const entry of ${JSON.stringify(entries)}) expect(Object.keys(require(entry)).length).toBeGreaterThan(0)
})
`,
  )
  run('a jest project in CommonJS', process.execPath, ['../node_modules/jest/bin/jest.js'], {
    cwd: join(project, 'commonjs'),
  })
})
