import { spawnSync } from 'node:child_process'

/**
 * Locks an open file by the kernel's own means: it lets go when the last process that has it open is gone, however that ended, and knows of
 * every container. Node has no call for it; the command (util-linux, BusyBox) locks the very opening of the file that it is given.
 *
 * @returns whether it is locked now, or undefined where that cannot be told
 */
export const lockByKernel = (file: number): boolean | undefined => {
  const { status } = spawnSync('flock', ['-n', '-x', '3'], { stdio: ['ignore', 'ignore', 'ignore', file] })
  if (status === 0) return true
  return status === 1 ? false : undefined
}
