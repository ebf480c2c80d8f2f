import { closeSync, openSync, readFileSync, readlinkSync } from 'node:fs'
import { lockByKernel } from './kernel-lock.js'

/** Holder of a lock. Fields that the system does not provide are ''. */
export interface Holder {
  readonly pid: number
  /** Start of the process, in ticks since the boot: its number may have been reused. */
  readonly birth: string
  readonly boot: string
  /** In which its number counts: in each container there is a process 1. */
  readonly pidSpace: string
  /** True if the kernel also locks the file of the lock for it. */
  readonly isInKernel: boolean
}

const told = (read: () => string): string => {
  try {
    return read().trim()
  } catch {
    return ''
  }
}

const birthOf = (pid: number): string =>
  told(() => {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // Behind the name, which may hold anything.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  })

/** The number that Linux gives the space of the machine itself. */
const machineSpace = 'pid:[4026531836]'

/** This process. */
export const ourselves: Holder = {
  pid: process.pid,
  birth: birthOf(process.pid),
  boot: told(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')),
  pidSpace: told(() => readlinkSync('/proc/self/ns/pid')),
  isInKernel: false,
}

export const isInContainer = ourselves.pidSpace !== '' && ourselves.pidSpace !== machineSpace

export const wordsOf = ({ pid, birth, boot, pidSpace, isInKernel }: Holder): string =>
  [pid, birth, boot, pidSpace, isInKernel ? 'flock' : ''].join(' ')

export const holderIn = (words: string): Holder => {
  const [pid, birth = '', boot = '', pidSpace = '', mark] = words.split(' ')
  return { pid: Number(pid), birth, boot, pidSpace, isInKernel: mark === 'flock' }
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

const differ = (one: string, other: string): boolean => one !== '' && other !== '' && one !== other

const kernelHolds = (path: string): boolean | undefined => {
  try {
    const file = openSync(path, 'r')
    const isLocked = lockByKernel(file)
    closeSync(file)
    return isLocked === undefined ? undefined : !isLocked
  } catch {
    return undefined
  }
}

/** Returns true if the holder of the lock at `path` is alive, or may be. */
export const isThere = ({ pid, birth, boot, pidSpace, isInKernel }: Holder, path: string): boolean => {
  if (!(pid > 0)) return false
  const isOfOtherBoot = differ(boot, ourselves.boot)
  if (isOfOtherBoot || differ(pidSpace, ourselves.pidSpace)) {
    return (isInKernel ? kernelHolds(path) : undefined) ?? !isOfOtherBoot
  }
  return isAlive(pid) && !differ(birth, birthOf(pid))
}
