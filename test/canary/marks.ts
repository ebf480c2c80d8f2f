/** A secret that is easy to find again: longer than what is quoted of a word, and with signs that each encoding writes otherwise. */
export const marks = {
  access_key: 'CANARYaccess/9f1c+2a77=d3e4b5a6c7"8190a2b3c4d5e6f7',
  secret_key: 'CANARYsecret/4b8e+51c0=a9f8e7d6c5"b4a39281706f5e4d',
} as const

/** A piece of a secret as long as this is a leak. */
const piece = 12

const piecesOf = (secret: string): string[] =>
  Array.from({ length: secret.length - piece + 1 }, (_, at) => secret.slice(at, at + piece))

const runs = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map(([run]) => run)

const unescaped = (text: string): string =>
  text
    .replaceAll(/\\u([0-9a-f]{4})/gi, (_, code: string) => String.fromCharCode(parseInt(code, 16)))
    .replaceAll(/\\(["\\/])/g, '$1')

const percentDecoded = (text: string): string =>
  text.replaceAll(/%([0-9a-f]{2})/gi, (_, code: string) => String.fromCharCode(parseInt(code, 16)))

/** Everything that a text may stand for: as it is, unescaped, and what in it may be Base64, hex or percent-encoded. */
const readings = (text: string): string[] => [
  ...[text, unescaped(text), unescaped(unescaped(text)), percentDecoded(text)],
  // A run may begin with what is no part of the encoded text: from each offset it reads otherwise.
  ...runs(text, /[A-Za-z0-9+/_-]{16,}/g).flatMap((run) =>
    [0, 1, 2, 3].map((skip) => Buffer.from(run.slice(skip), 'base64').toString('latin1')),
  ),
  ...runs(text, /[0-9a-fA-F]{24,}/g).flatMap((run) =>
    [0, 1].map((skip) => Buffer.from(run.slice(skip), 'hex').toString('latin1')),
  ),
]

/** Which secrets a text gives away, wholly or a piece of them, in whatever encoding; by their names. */
export const leaksIn = (text: string, secrets: Readonly<Record<string, string>>): string[] => {
  const read = readings(text)
  return Object.entries(secrets)
    .filter(([, secret]) => piecesOf(secret).some((part) => read.some((reading) => reading.includes(part))))
    .map(([name]) => name)
}
