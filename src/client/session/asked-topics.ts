import { throwError } from 'rxjs'
import { MarketTopic } from '../../protocol/index.js'
import { isAccountTopic } from '../../protocol/internal.js'
import type { Account } from '../account.js'

/** A market topic was read that the login had not asked for: nothing of it would ever come. */
export class TopicNotAsked extends Error {
  readonly _tag = 'TopicNotAsked'
  override readonly name = 'TopicNotAsked'
  readonly topic: string
  /** Topics that the login has asked for. */
  readonly asked: readonly string[]

  constructor(topic: string, asked: readonly string[]) {
    super(reasonOf(topic, asked))
    this.topic = topic
    this.asked = asked
  }
}

const listOf = (names: readonly string[]): string => names.map((name) => `'${name}'`).join(', ')

const reasonOf = (topic: string, asked: readonly string[]): string => {
  const name = JSON.stringify(topic)
  if (isAccountTopic(topic)) return `${name} is no market topic: use ${topic}$ of the account`
  if (!MarketTopic.is(topic)) return `there is no market topic ${name}: it should be ${MarketTopic.name}`
  return `the login did not ask for the market topic ${name}: add it to its market, as in market: [${listOf([...asked, topic])}]`
}

/**
 * Lets only those topics through that were asked for; any other is an error, since an observable
 * that never emits hides the mistake.
 */
export const askedTopics = (topic$: Account['topic$'], asked: readonly string[]): Account['topic$'] => {
  const checked: Account['topic$'] = (name, codec) => {
    if (asked.includes(name)) return topic$(name, codec)
    // Made here, so that its stack begins at the strategy's line.
    const error = new TopicNotAsked(name, asked)
    return throwError(() => error)
  }
  return checked
}
