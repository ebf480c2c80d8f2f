import { spawnSync } from 'node:child_process'

/**
 * Locks an open file by the kernel's own means: the kernel releases it when the last process that
 * has the file open has ended, in whatever way, and across containers. Node has no call for it; the
 * command (util-linux, BusyBox) locks the open file description that it is given.
 *
 * @returns true if it is locked now, undefined if that cannot be determined
 */
export const lockByKernel = (file: number): boolean | undefined => {
  const { status } = spawnSync('flock', ['-n', '-x', '3'], { stdio: ['ignore', 'ignore', 'ignore', file] })
  if (status === 0) return true
  return status === 1 ? false : undefined
}
