// What npm would publish, looked at from outside: publint, are-the-types-wrong, and the weight of a browser client.
// Takes dist as it is: `npm run package` builds first.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '../..')
const packed = mkdtempSync(join(tmpdir(), 'rxquant-package-'))
let failed = false

function step(name, command, args) {
  console.log(`\n──── ${name} ────`)
  const { status } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] })
  if (status !== 0) failed = true
}
/** The build goes on without the packages of the charts: here they must be in. */
function checkCharts() {
  console.log('\n──── charts of the report ────')
  const { size } = statSync(join(root, 'dist/backtest/report/charts.js'))
  const notice = readFileSync(join(root, 'NOTICE'), 'utf8')
  const packages = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).devDependencies
  const missing = ['lightweight-charts', 'uplot'].filter(
    (name) =>
      !notice
        .toLowerCase()
        .replaceAll('™', '')
        .includes(`${name.replace('-', ' ')} ${packages[name]}`),
  )
  console.log(`${(size / 1000).toFixed(0)} kB`)
  if (size < 150_000 || size > 300_000 || missing.length > 0) {
    console.log(
      `FAILED: expected 150 to 300 kB, and the version of each in NOTICE; missing there: ${missing.join(', ') || 'none'}`,
    )
    failed = true
  }
}

const tool = (path) => join(root, 'node_modules', path)

try {
  step('npm pack', 'npm', ['pack', '--ignore-scripts', '--loglevel=error', '--pack-destination', packed])
  const tarball = join(
    packed,
    readdirSync(packed).find((file) => file.endsWith('.tgz')),
  )
  checkCharts()
  step('publint', process.execPath, [tool('publint/src/cli.js'), '--strict', tarball])
  step('types', process.execPath, [
    tool('@arethetypeswrong/cli/dist/index.js'),
    tarball,
    '--profile',
    'esm-only',
    '--no-summary',
  ])
  step('size', process.execPath, [tool('size-limit/bin.js'), '--config', '.config/size-limit.json'])
} finally {
  rmSync(packed, { recursive: true, force: true })
}
process.exit(failed ? 1 : 0)
