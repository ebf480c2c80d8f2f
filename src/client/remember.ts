/** Puts a value into a memory that holds so many at most; the oldest goes. */
export const remember = <V>(memory: Map<string, V>, key: string, value: V, most = 10_000): void => {
  memory.set(key, value)
  if (memory.size > most) for (const oldest of memory.keys()) return void memory.delete(oldest)
}
