import { spawnSync } from 'node:child_process'
import { it } from '@jest/globals'

it('the public names are those of test/package/api.txt, each with one meaning and no hidden type', () => {
  const { stderr, status } = spawnSync(process.execPath, ['test/package/api.mjs'], { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
}, 120_000)
