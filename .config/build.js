// Compiles src to dist, takes away what has no source any more (a stale file would be published), and makes the command executable.
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, readdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

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
const command = join(dist, 'cli/main.js')
if (existsSync(command)) chmodSync(command, 0o755)
