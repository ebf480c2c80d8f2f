/** A word of a client's, made safe to print: short, and with nothing that moves a terminal. */
export const quoted = (word: string): string => JSON.stringify(word.length > 32 ? `${word.slice(0, 32)}…` : word)
