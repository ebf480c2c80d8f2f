import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** Megabytes that `work` leaves behind, once what nobody holds any more is thrown away. */
export function leftBehindMb(work: () => void): number {
  collect()
  const before = process.memoryUsage().heapUsed
  work()
  collect()
  return (process.memoryUsage().heapUsed - before) / 2 ** 20
}
