// Runs test/bench/*.bench.ts, or those whose name holds one of the given words, one after another: side by side they would measure each other.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const folder = join(root, 'test/bench')
const words = process.argv.slice(2)
const files = (existsSync(folder) ? readdirSync(folder) : [])
  .filter((file) => file.endsWith('.bench.ts'))
  .filter((file) => words.length === 0 || words.some((word) => file.includes(word)))
  .sort()

if (files.length === 0) console.log('bench: nothing to run')
for (const file of files) {
  console.log(`\n──── ${file.replace('.bench.ts', '')} ────`)
  const { status } = spawnSync(process.execPath, ['--expose-gc', '--import', 'tsx', join(folder, file)], {
    cwd: root,
    stdio: 'inherit',
  })
  if (status !== 0) process.exit(status ?? 1)
}
