import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, rmdirSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** The package's folder: jest runs there. */
export const root = process.cwd()

const lock = join(root, '.cache/build.lock')
const sleep = (ms: number): void => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)

const stamp = join(root, '.cache/built')

const changedAt = (path: string): number => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0

/** Whether nothing of src has changed since the last build that a test has made; a folder changes when a file of it goes. */
const isCurrent = (): boolean => {
  const src = join(root, 'src')
  const builtAt = Math.min(changedAt(stamp), changedAt(join(root, 'dist/index.js')) === 0 ? 0 : Infinity)
  return ['', ...readdirSync(src, { recursive: true, encoding: 'utf8' })].every(
    (path) => changedAt(join(src, path)) < builtAt,
  )
}

/** Brings dist up to date. One test file after the other: half a module written by one must not be read by the other. */
export function build(): void {
  if (isCurrent()) return
  mkdirSync(join(root, '.cache'), { recursive: true })
  const until = Date.now() + 60_000
  for (;;) {
    try {
      mkdirSync(lock)
      break
    } catch {
      // A lock that is older than any build was left by a test that was killed.
      if (Date.now() > until) break
      sleep(50)
    }
  }
  try {
    const begunAt = new Date()
    const { status, stderr, stdout } = spawnSync(process.execPath, ['.config/build.js'], {
      cwd: root,
      encoding: 'utf8',
    })
    if (status !== 0) throw new Error(`the build failed:\n${stdout}${stderr}`)
    writeFileSync(stamp, '')
    // What was changed during the build may not be in it.
    utimesSync(stamp, begunAt, begunAt)
  } finally {
    rmdirSync(lock)
  }
}

/** How a process ended, and what it wrote. */
export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Running {
  readonly ended: Promise<Ended>
  /** Resolves when its stdout holds this; rejects when it ends before. */
  saying(words: RegExp): Promise<RegExpMatchArray>
  kill(signal: NodeJS.Signals): void
  /** As a reader that has had enough: what it prints goes nowhere. */
  stopReading(): void
}

export interface RunningOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
}

/** A Node process in an environment without keys of ours. */
export function node(args: readonly string[], { cwd = root, env = {} }: RunningOptions = {}): Running {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('RXQUANT_') && name !== 'NODE_OPTIONS',
  )
  const child = spawn(process.execPath, args, {
    cwd,
    env: { ...Object.fromEntries(inherited), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (data: Buffer) => (stdout += data.toString()))
  child.stderr.on('data', (data: Buffer) => (stderr += data.toString()))
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, stdout, stderr }))
  })
  return {
    ended,
    saying: (words) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const match = stdout.match(words)
          if (match !== null) resolve(match)
        }
        child.stdout.on('data', look)
        look()
        void ended.then(({ code }) =>
          reject(new Error(`ended with ${code} and never said ${words}:\n${stdout}${stderr}`)),
        )
      }),
    kill: (signal) => void child.kill(signal),
    stopReading: () => void child.stdout.destroy(),
  }
}

/** `rxquant …`, as built. */
export const rxquant = (args: readonly string[], options: RunningOptions = {}): Running =>
  node([join(root, 'dist/cli/main.js'), ...args], options)
