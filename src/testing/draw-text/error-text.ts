import { tellingFrames } from '../call-site.js'
import { isError } from '../compare/contents.js'
import { show } from '../compare/show.js'

const mostCauses = 3

/**
 * An error in words: its name and message, the frames of the user's files, and its causes. Anything
 * else as a value.
 */
export const errorText = (error: unknown, causes = mostCauses): string => {
  if (typeof error !== 'object' || error === null || !isError(error)) return show(error)
  const frames = tellingFrames(error.stack ?? '').map((frame) => `\n    ${frame}`)
  const cause = error.cause === undefined || causes === 0 ? '' : `\n  caused by ${errorText(error.cause, causes - 1)}`
  // An UnsubscriptionError holds what was thrown while others were unsubscribed.
  const inner = causes === 0 ? [] : innerErrors(error).map((each) => `\n  holds ${errorText(each, causes - 1)}`)
  return `${error.name}: ${error.message}${frames.join('')}${cause}${inner.join('')}`
}

const innerErrors = (error: Error): readonly unknown[] => {
  const { errors } = error as { readonly errors?: unknown }
  return Array.isArray(errors) ? (errors as unknown[]).slice(0, mostCauses) : []
}
