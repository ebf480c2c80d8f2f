import { spawnSync } from 'node:child_process'
import { existsSync, realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { placeOf, stackInWords } from './failure-words.js'
import type { Strategy } from '../../strategy/index.js'

/** Error for a strategy that cannot be loaded, with the reason. */
export class NoStrategy extends Error {
  readonly _tag = 'NoStrategy'
  override readonly name = 'NoStrategy'
}

/** Loaded strategy, with warnings for its user. */
export interface Loaded {
  readonly strategy: Strategy
  readonly warnings: readonly string[]
}

/** Loads the default export of a module. TypeScript goes through tsx, where it is installed. */
export async function loadStrategy(path: string): Promise<Loaded> {
  const file = resolve(path)
  if (!existsSync(file)) throw new NoStrategy(`there is no file ${path}`)
  const module = /\.[cm]?tsx?$/.test(file) ? await importTypeScript(file) : await importAny(file)
  return { strategy: strategyOf(module, path), warnings: copies(file) }
}

/** True where the package lacks `"type": "module"`: the error of Node does not name that cause. */
const isCommonJs = (cause: unknown): boolean =>
  cause instanceof Error &&
  'code' in cause &&
  ['ERR_REQUIRE_CYCLE_MODULE', 'ERR_REQUIRE_ESM'].includes(String(cause.code))
const ES_MODULES_ONLY =
  'rxquant is of ES modules, and its package is not: run `npm pkg set type=module` there, or call it .mts (.mjs in JavaScript)'

const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))

/** Place of a syntax error: an import does not report it, a check of the file does. */
const syntaxFault = (file: string, cause: unknown): string | undefined => {
  if (!(cause instanceof SyntaxError)) return undefined
  const { status, stderr } = spawnSync(process.execPath, ['--check', file], { encoding: 'utf8' })
  const fault = status === 1 ? stderr.slice(0, stderr.indexOf('\n    at ')).trim() : ''
  return fault === '' ? `${cause.message} (in it or in a file that it imports)` : fault
}

const importAny = async (file: string): Promise<unknown> => {
  try {
    return (await import(pathToFileURL(file).href)) as unknown
  } catch (cause) {
    const words = placeOf(cause) === undefined ? (syntaxFault(file, cause) ?? messageOf(cause)) : stackInWords(cause)
    throw new NoStrategy(`${file} cannot be loaded: ${isCommonJs(cause) ? ES_MODULES_ONLY : words}`, { cause })
  }
}

async function importTypeScript(file: string): Promise<unknown> {
  const { register } = await import('tsx/esm/api').catch((cause: unknown) => {
    throw new NoStrategy(
      'a strategy in TypeScript needs tsx: run `npm install --save-dev tsx`, or give the compiled .js file',
      { cause },
    )
  })
  // Not tsconfig: its paths may lead to another copy of this library, whose error classes differ.
  // Not the namespace of tsx either: it loads everything once more, with the same consequence.
  const unregister = register({ tsconfig: false })
  try {
    return await importAny(file)
  } finally {
    await unregister()
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

const isLogin = (value: unknown): boolean =>
  isRecord(value) &&
  typeof value['platform'] === 'string' &&
  Array.isArray(value['symbols']) &&
  value['symbols'].every((symbol) => typeof symbol === 'string')

function strategyOf(module: unknown, path: string): Strategy {
  const made = isRecord(module) ? module['default'] : undefined
  if (!isRecord(made) || typeof made['run'] !== 'function' || !Array.isArray(made['logins'])) {
    throw new NoStrategy(
      `${path} has no strategy as its default export: write \`export default strategy({ logins: […], run: (account) => … })\``,
    )
  }
  if (made['logins'].length === 0 || !made['logins'].every(isLogin)) {
    throw new NoStrategy(
      `${path}: each of \`logins\` must be { platform: string, symbols: string[] }, and there must be one`,
    )
  }
  return made as unknown as Strategy
}

/** Warns of a second copy of the library, whose classes fail `instanceof`. */
function copies(file: string): readonly string[] {
  const ours = realpathSync(fileURLToPath(new URL('../../index.js', import.meta.url)))
  try {
    const theirs = realpathSync(createRequire(file).resolve('rxquant'))
    return theirs === ours
      ? []
      : [
          `the strategy uses another copy of rxquant (${theirs}) than this command (${ours}): run that copy's own command`,
        ]
  } catch {
    return []
  }
}
