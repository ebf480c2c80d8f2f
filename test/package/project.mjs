// An empty project of a user, into which the packed tarball is installed.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = join(dirname(fileURLToPath(import.meta.url)), '../..')
export const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
export const entries = Object.keys(manifest.exports).map((path) => manifest.name + path.slice(1))
export const project = mkdtempSync(join(tmpdir(), 'rxquant-smoke-'))
const environment = Object.fromEntries(
  // npm hands its scripts settings of the outer project (its package, its prefix): the inner one must not see them.
  Object.entries(process.env).filter(([name]) => !/^npm_(package|lifecycle|config_local_prefix)/.test(name)),
)

export function run(title, command, args, { cwd = project, env = {} } = {}) {
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

export function expect(condition, message) {
  if (!condition) throw new Error(message)
}

/** Installs the packed tarball, and what else is named, into the project. */
export function install(settings, ...packages) {
  run('npm pack', 'npm', ['pack', '--ignore-scripts', '--loglevel=error', '--pack-destination', project], { cwd: root })
  const tarball = readdirSync(project).find((file) => file.endsWith('.tgz'))
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'a-user', private: true, ...settings }))
  const flags = ['--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error']
  const rxjs = `rxjs@${manifest.devDependencies.rxjs}`
  run('npm install, in an empty project', 'npm', ['install', ...flags, `./${tarball}`, rxjs, ...packages])
}

/** Runs the checks, says how they ended, and takes the project away. */
export function smoke(done, checks) {
  try {
    checks()
    console.log(done)
  } catch (error) {
    console.error(`smoke: ${error.message}`)
    process.exitCode = 1
  } finally {
    rmSync(project, { recursive: true, force: true })
  }
}
