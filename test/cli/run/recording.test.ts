import { execFileSync } from 'node:child_process'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { lstatSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gatewayLog } from '../../../src/cli/commands/gateway-log.js'
import { warningsOfSecret } from '../../../src/cli/options/keys.js'
import { openRecording } from '../../../src/cli/run/recording.js'
import { shownUrl } from '../../../src/cli/format/text.js'
import { venueSettings } from '../../../src/cli/options/venue-flags.js'
import { checkMarket } from '../../../src/cli/run/paper.js'

const onUnix = process.platform === 'win32' ? it.skip : it
/** A file system of 64 KiB; only root can make one. */
const small = (folder: string): boolean => {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rxquant-record-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

describe('a recording', () => {
  it('is a new file that its owner alone can read', () => {
    const file = join(folder, 'session.jsonl')
    const recording = openRecording(file, () => undefined)
    recording.write('{}')
    recording.close()
    expect(readFileSync(file, 'utf8')).toBe('{}\n')
    if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  onUnix('replaces no file, follows no link and waits for no FIFO', () => {
    const theirs = join(folder, 'theirs')
    writeFileSync(theirs, 'theirs')
    symlinkSync(theirs, join(folder, 'link'))
    symlinkSync(join(folder, 'nowhere'), join(folder, 'dangling'))
    execFileSync('mkfifo', [join(folder, 'fifo')])
    for (const name of ['theirs', 'link', 'dangling', 'fifo', '.']) {
      expect(() => openRecording(join(folder, name), () => undefined)).toThrow(/is there already|cannot write/)
    }
    expect(readFileSync(theirs, 'utf8')).toBe('theirs')
    expect(lstatSync(join(folder, 'dangling')).isSymbolicLink()).toBe(true)
  })

  it('says once, in words, that the disk is full, and keeps its whole lines', () => {
    if (!small(folder)) {
      console.warn('skipped: no small file system could be mounted')
      return
    }
    try {
      const failures: string[] = []
      const recording = openRecording(join(folder, 'r'), ({ message }) => failures.push(message))
      const line = JSON.stringify({ t: 1, text: 'x'.repeat(1_000) })
      for (let i = 0; i < 200; i++) {
        try {
          recording.write(line)
        } catch {
          // As the operator `record` does.
        }
      }
      recording.close()
      expect(failures).toEqual([expect.stringMatching(/the recording .* ends here: (ENOSPC|only)/)])
      expect(readFileSync(join(folder, 'r'), 'utf8')).toMatch(/\}\n$/)
    } finally {
      execFileSync('umount', [folder])
    }
  })
})

describe('a log on a full disk', () => {
  it('is let go of, and nothing is tried for ever as the process exits', async () => {
    if (!small(folder)) {
      console.warn('skipped: no small file system could be mounted')
      return
    }
    try {
      const log = await gatewayLog({ file: join(folder, 'log') })
      writeFileSync(join(folder, 'rest'), Buffer.alloc(60_000))
      try {
        writeFileSync(join(folder, 'more'), Buffer.alloc(60_000))
      } catch {
        // It is full now.
      }
      for (let i = 0; i < 100; i++) log.note('x'.repeat(1_000))
      await log.close()
      // What pino does at the end of the process.
      process.emit('exit', 0)
    } finally {
      execFileSync('umount', ['-l', folder])
    }
  })
})

describe('a file of keys', () => {
  onUnix.each([
    [0o644, 1],
    [0o640, 1],
    [0o602, 1],
    [0o600, 0],
    [0o400, 0],
  ])('of mode %o draws %i warnings', (mode, count) => {
    const file = join(folder, 'keys.json')
    writeFileSync(file, '{}', { mode: 0o600 })
    execFileSync('chmod', [mode.toString(8), file])
    expect(warningsOfSecret(file)).toHaveLength(count)
  })
})

describe('an address', () => {
  it.each([
    ['ws://127.0.0.1:9878/ws/v1', 'ws://127.0.0.1:9878/ws/v1'],
    ['ws://key:secret@host:1/ws', 'ws://***@host:1/ws'],
    ['wss://key@host/ws', 'wss://***@host/ws'],
    ['wss://host/ws?token=secret#secret', 'wss://host/ws?***#***'],
    ['ws://key:secret@', '***'],
    ['', ''],
  ])('%j is shown as %j', (url, shown) => {
    expect(shownUrl(url)).toBe(shown)
  })
})

describe('a FIFO in the place of a file to read', () => {
  onUnix('is refused in words: chaos, market', async () => {
    const fifo = join(folder, 'fifo.csv')
    execFileSync('mkfifo', [fifo])
    expect(() => venueSettings({ chaos: fifo })).toThrow(/is a FIFO: it must be a regular file/)
    await expect(checkMarket([fifo], [])).rejects.toThrow(/is no regular file/)
  })
})
