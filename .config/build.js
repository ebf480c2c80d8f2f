// Compiles src to dist, takes away what has no source any more (a stale file would be published), and makes the command executable.
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundleCharts, chartModule } from './report/bundle.js'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const dist = join(root, 'dist')

if (existsSync(dist)) {
  for (const file of readdirSync(dist, { recursive: true })) {
    const match = /^(.*?)(\.d\.ts|\.js)$/.exec(file)
    if (match && !existsSync(join(root, 'src', `${match[1]}.ts`))) rmSync(join(dist, file))
  }
}
const tsc = join(root, 'node_modules/@typescript/native/bin/tsc')
const { status } = spawnSync(process.execPath, [tsc, '-p', join(root, '.config/tsconfig.build.json')], {
  stdio: 'inherit',
})
if (status !== 0) process.exit(status ?? 1)
// The charts of the report, bundled into its module. Without their packages a report has static pictures; `npm run package` refuses that.
try {
  writeFileSync(join(dist, 'backtest/report/charts.js'), chartModule(await bundleCharts()))
} catch (error) {
  console.warn(`build: no charts in the report (run npm ci): ${error.message.split('\n')[0]}`)
}
const command = join(dist, 'cli/main.js')
if (existsSync(command)) chmodSync(command, 0o755)
