import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LockHeld, takeLock } from '../../src/disk/index.js'

const onLinux = process.platform === 'linux' ? it : it.skip
const withFlock = spawnSync('flock', ['--version']).status === 0 ? it : it.skip

describe('a lock', () => {
  let folder: string
  let path: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rxquant-lock-'))
    path = join(folder, 'lock')
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  const take = () => takeLock(path)
  /** What is written by whoever holds it, but for what is given. */
  const words = (fields: { birth?: string; boot?: string; space?: string; mark?: string } = {}): string => {
    const letGo = take()
    const [pid, birth, boot, space, mark] = readFileSync(path, 'utf8').split(' ')
    letGo()
    const was = { birth, boot, space, mark, ...fields }
    return [pid, was.birth, was.boot, was.space, was.mark].join(' ')
  }

  it('is held by one, and leaves nothing behind', () => {
    const letGo = take()
    expect(take).toThrow(LockHeld)
    letGo()
    expect(readdirSync(folder)).toEqual([])
    take()()
  })

  it('is held where this process holds it, though this code knows nothing of that: another thread does', () => {
    writeFileSync(path, words())
    expect(take).toThrow(LockHeld)
  })

  onLinux('of a process that had our number is none', () => {
    writeFileSync(path, words({ birth: '1' }))
    expect(take).not.toThrow()
  })

  onLinux('of the same process number in another container is held: nobody can tell whether that still runs', () => {
    writeFileSync(path, words({ birth: '1', space: 'pid:[1]', mark: '' }))
    expect(take).toThrow(LockHeld)
  })

  onLinux('of another container is none once the machine has been started anew', () => {
    writeFileSync(path, words({ birth: '1', space: 'pid:[1]', boot: 'another', mark: '' }))
    expect(take).not.toThrow()
  })

  withFlock('of another container is held as long as the kernel holds it', async () => {
    writeFileSync(path, words({ birth: '1', space: 'pid:[1]', mark: 'flock' }))
    const holder = spawn('flock', ['-x', path, 'sh', '-c', 'echo held; exec cat'], {
      stdio: ['pipe', 'pipe', 'ignore'],
    })
    await once(holder.stdout, 'data')
    expect(take).toThrow(LockHeld)
    holder.stdin.end()
    await once(holder, 'exit')
    expect(take).not.toThrow()
  })

  it.each(['', 'gibberish', '1'.repeat(30)])('file that holds %j names nobody', (torn) => {
    writeFileSync(path, torn)
    expect(take).not.toThrow()
  })

  it('that somebody else was given meanwhile is not taken from him', () => {
    const letGo = take()
    writeFileSync(path, `${process.ppid}`)
    letGo()
    expect(take).toThrow(LockHeld)
  })

  it('that is just being taken over from one who is gone is left to whoever does that', () => {
    writeFileSync(path, String(2 ** 22 + 1))
    const letGo = takeLock(`${path}.over`)
    expect(take).toThrow(LockHeld)
    letGo()
    expect(take).not.toThrow()
  })

  it('is taken though whoever took it over from one who was gone was killed at it', () => {
    writeFileSync(path, String(2 ** 22 + 1))
    writeFileSync(`${path}.over`, String(2 ** 22 + 2))
    const letGo = take()
    letGo()
    expect(readdirSync(folder)).toEqual([])
  })
})
