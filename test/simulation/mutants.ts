/** The source with one safeguard taken away. The simulator must notice. */
export interface Mutant {
  readonly name: string
  /** What the safeguard is for. */
  readonly why: string
  readonly edits: readonly Edit[]
}

export interface Edit {
  /** Name of the comment `mutant: …` in front of the code that is replaced: a statement, an argument, a property, the right side of an `&&`. */
  readonly marker: string
  /** The new code; `$&` in it stands for the old. */
  readonly to: string
}

const mutant = (name: string, why: string, marker: string, to: string): Mutant => ({
  name,
  why,
  edits: [{ marker, to }],
})

export const mutants: readonly Mutant[] = [
  // No order twice.
  mutant(
    'orders do not wait for READY',
    'a login that is not READY refuses, or worse',
    'orders-wait-for-ready',
    'open$.next({ commands: session !== null, orders: session !== null && isSynced })',
  ),
  mutant(
    'no look at the age as an order is written',
    'after a suspension timers are late, and what waited is from another market',
    'age-at-writing',
    'pass()',
  ),
  mutant(
    'ages by the monotonic clock alone',
    'it stands still while the machine sleeps',
    'age-by-wall-clock',
    'Math.max(0, clock.monotonic() - then.monotonic)',
  ),
  mutant(
    'an order of unknown fate may be subscribed to again',
    'retry(3) must not make four orders',
    'open-order-once',
    "'closed-by-caller'",
  ),
  mutant(
    'an order of unknown fate may be subscribed to again by who hears of it',
    'his handler runs before the end of the first subscription',
    'open-order-once-within-its-end',
    'earlier.delete(inFlightOrder)\nif (!(error instanceof NotSent || error instanceof Rejected)) queueMicrotask(() => earlier.add(inFlightOrder))',
  ),
  mutant(
    'an order whose subscriber left may be subscribed to again',
    'it was placed, and nobody was told',
    'placed-order-once',
    "'unsent'",
  ),
  mutant(
    'a refusal is believed, whatever it says',
    'deployed servers say false when their own call timed out',
    'definite-refusal',
    'true',
  ),
  mutant(
    'a refusal is believed whose words are not recognised',
    'a list of the words of all libraries never ends',
    'refusal-in-known-words',
    'return !speaksOfDoubt(text)',
  ),
  mutant(
    'a refusal is believed that names a reason and speaks of doubt',
    'the server failed as it looked at the price',
    'words-of-doubt',
    'true',
  ),
  mutant(
    'a refusal is believed that names a reason and says that the outcome is unknown',
    'the server knows best',
    'unknown-beside-a-reason',
    'saysReason(reply.error_message)',
  ),
  mutant(
    'a refusal of the second frame is believed',
    'the server may have taken the first',
    'late-refusal-of-second-frame',
    'filter(() => true)',
  ),
  mutant(
    'a refusal is believed of an order that the login before may have sent twice',
    'the server may have taken the first',
    'inherited-second-frame',
    '',
  ),
  mutant(
    'a refusal of the connection is believed to answer a question',
    'the order may have been made',
    'void-token-answers-nothing',
    '',
  ),
  mutant(
    'what the server refuses for now is believed of a frame that may place the order',
    'the server may have taken the first',
    'answer-to-a-question',
    '',
  ),
  mutant(
    'a refusal answers the question though a frame that may place the order is unanswered',
    'all frames of an order have one cid',
    'placing-frames-answered',
    '',
  ),
  mutant(
    'an order is sent again to a server that has lost its memory',
    'it would be taken as a new one',
    'same-epoch',
    'true',
  ),
  mutant(
    'an order is sent again to a server without the feature',
    'it would be taken as a new one',
    'server-knows-cids',
    'true',
  ),
  mutant(
    'an order is sent again when it is too old',
    'the market is another',
    'send-again-within-age',
    'validUntil !== undefined',
  ),
  mutant('the server is asked about an order only once', 'a question may be lost too', 'questions-go-on', 'repeat(1)'),
  mutant(
    'the order of a predecessor is sent again',
    'the predecessor may have cancelled all orders meanwhile',
    'successor-only-asks',
    'const isTooOld = (): boolean => false',
  ),
  mutant(
    'a question may place the order',
    'the order is past its age',
    'questions-place-nothing',
    'valid_until !== undefined && valid_until > PASSED_BY_ANY_CLOCK && now > valid_until',
  ),
  mutant(
    'a question is not remembered',
    'the first frame may still be on its way',
    'questions-are-remembered',
    '$&\nif (asksOnly) return carryOut()',
  ),
  mutant(
    'the gateway has no memory of cids',
    'a cid that was used before makes no second order',
    'memory-of-cids',
    "$& && request.cid === ''",
  ),
  mutant(
    'the gateway does not wait for the first with a cid',
    'a copy that arrives while it is in flight',
    'copy-joins-the-first',
    'return known.reply === undefined ? carryOut() : of(known.reply)',
  ),
  mutant(
    'cids do not come back from the gateway’s journal',
    'it may be killed between accepting an order and replying',
    'cids-from-the-journal',
    '',
  ),
  mutant(
    'the gateway calls what may have happened refused',
    'the exchange behind it fails in the middle of an order',
    'unknown-is-no-refusal',
    "return refusal(request.op, request.cid, 'failed')",
  ),
  mutant(
    'a cancel-all takes back no order that waits',
    'it would be written behind the cancel that was to cover it',
    'cancel-all-takes-back',
    'return () => undefined',
  ),
  mutant(
    'an order that a cancel-all covers is sent again',
    'it would be placed behind the cancel-all',
    'cancel-all-sweeps',
    '',
  ),

  // None forgotten, and each settled on evidence.
  mutant('no tombstones', 'a reply that comes after its timeout settles the Unresolved', 'tombstones', ''),
  mutant(
    'the order journal is not written before the frame',
    'a killed process leaves nothing to its successor',
    'intent-before-frame',
    '',
  ),
  mutant('the order journal is not read', 'what a predecessor left is settled first', 'inherited-intents', ''),
  mutant(
    'an end that the order journal could not take is not written later',
    'a successor would find the order open, and may send it',
    'owed-lines',
    '',
  ),
  mutant(
    'the caller may close what the order journal cannot',
    'a successor would find the order open, and may send it beside the one placed in its stead',
    'close-is-written',
    'try { $& } catch {}',
  ),
  mutant(
    'any matching order is proof',
    'there may be two',
    'one-matching-order',
    'filter((found) => found.length >= 1)',
  ),
  mutant(
    'an order whose price is not told looks like none',
    'it may be the one, and another the other',
    'price-not-told-may-match',
    'false',
  ),
  mutant(
    'an order whose price is not told is proof',
    'it may be one at another price',
    'price-not-told-is-no-proof',
    'filter(() => true)',
  ),
  mutant(
    'a matching order is proof though it may be another order of ours',
    'two orders of one shape',
    'no-rivals',
    'filter(() => true)',
  ),
  mutant(
    'orders that open and that close do not look alike',
    'notices leave out the sign',
    'unsigned-quantities',
    'a.quantity === b.quantity',
  ),
  mutant(
    'a matching order is proof though it is known to be another order of ours',
    'it has had its reply',
    'not-taken',
    'true',
  ),
  mutant(
    'a matching order is proof though others trade the account',
    'it may be theirs',
    'exclusive-account',
    '((exclusiveAccount) => $&)(true)',
  ),

  // Views, fills and gaps.
  mutant('fills are counted as often as they are told', 'a notice may come twice', 'fill-once', ''),
  mutant(
    'FILLED does not beat CANCELED',
    'the fill and the cancel may cross',
    'filled-beats-canceled',
    "return { kind: 'refused', why: '' }",
  ),
  mutant(
    'an order that was found to be placed is not looked for',
    'its end was told to the connection that was lost',
    'late-order-is-looked-for',
    '',
  ),
  mutant(
    'an order of which no notice came is not missed',
    'some servers tell of an order in nothing but its reply',
    'never-notified',
    '',
  ),
  mutant(
    'an order that is missing from the answer is followed for ever',
    'some servers never tell an end',
    'absence-ends-an-order',
    '',
  ),
  mutant(
    'a confirmed cancel and absence do not make an order CANCELED',
    'some servers never tell an end',
    'cancel-proves-the-end',
    '',
  ),
  mutant(
    'an empty answer to a cancel after missed notices makes orders CANCELED',
    'they may have been filled while the connection was away',
    'empty-cancel-after-a-gap',
    '',
  ),
  mutant(
    'an empty answer to a cancel makes an order CANCELED though missed fills may have filled it',
    'it may be FILLED, and only a FILLED that comes later would tell',
    'missed-fills-leave-the-end-open',
    '',
  ),
  mutant(
    'an order whose fills are complete is not FILLED',
    'some servers never tell an end',
    'fills-prove-the-end',
    'const proven = undefined as Order | undefined',
  ),
  mutant(
    'an ended order may open again',
    'an older notice may come after a newer',
    'ended-stays-ended',
    "return { kind: 'applied' }",
  ),
  mutant('older notices are taken', 'they come after newer ones', 'older-notice', ''),
  mutant(
    'an order snapshot undoes what came after its question',
    'notices overtake the answer',
    'order-touched-since',
    '',
  ),
  mutant(
    'an order snapshot takes away what came after its question',
    'notices overtake the answer',
    'order-accepted-since',
    'mayBeOlder',
  ),
  mutant('the answer to an earlier question counts', 'answers overtake each other', 'older-answer', ''),
  mutant(
    'of two questions at once the later is answered by the newer truth',
    'behind the gateway questions overtake each other too',
    'overlapping-questions',
    "const rank = 'newest' as const",
  ),
  mutant(
    'a position snapshot undoes what came after its question',
    'notices overtake the answer',
    'position-touched-since',
    'const differs = before === undefined || !sameApartFromTime(before, position)',
  ),
  mutant(
    'one question for two asset notices',
    'the second may come while the answer to the first is on its way',
    'ask-after-the-last-hint',
    'trailing: false',
  ),
  mutant(
    'balances stay as they are when nobody answers',
    'they are known by asking alone',
    'balances-become-stale',
    'error: () => undefined',
  ),
  mutant('a snapshot that failed is not asked for again', 'its view would stay stale', 'failed-snapshot-again', ''),
  mutant(
    'a gap begins with what was heard last',
    'that may have lain in the socket for a minute',
    'proven-until',
    'return instant(clock)',
  ),
  mutant(
    'a second loss hides the first',
    'before the snapshots were there',
    'first-loss-counts',
    'pending = { cause, from, difference: baseline(), compared: [], recovered }',
  ),
  mutant(
    'a session that could not resume is forgotten when it falls',
    'the next one resumes from it, and the gap before it would be called recovered',
    'not-resumed',
    '',
  ),
  mutant('a notice that cannot be read is passed over', 'it may have been a fill', 'unreadable-notice', 'void 0'),
  mutant(
    'a frame that is no JSON is passed over',
    'a notice may have been in it, of whichever login',
    'frame-that-is-no-json',
    'failure.op === undefined',
  ),
  mutant(
    'a frame that names no login is told to none',
    'a notice may have been in it, of whichever login',
    'frame-for-any-login',
    '',
  ),
  mutant(
    'each notice that cannot be read begins a round of snapshots',
    'a hundred of them would ask six hundred questions',
    'one-round-at-a-time',
    '',
  ),
  mutant(
    'rounds of snapshots follow one another without a pause',
    'a storm may last',
    'pause-between-rounds',
    'round$.next(0)',
  ),
  mutant('a hole in the numbers is passed over', 'notices were missed', 'hole-in-numbers', 'const complete = true'),
  mutant(
    'numbers begin anew though the server resumes',
    'what was missed is still to come',
    'numbers-go-on',
    'sequence.begin(seqOf(reply))',
  ),
  mutant(
    'the numbers of one life are taken for those of the next',
    'what the client has seen is not what was sent',
    'numbers-of-a-new-life',
    'this.#historyBase = journal?.life.historyBase ?? 0',
  ),

  // Logins and sockets.
  mutant(
    'an old socket is not left for the new one',
    'nothing of one connection may reach the next one’s state',
    'one-socket-at-a-time',
    '((switchMap) => $&)(mergeMap)',
  ),
  mutant(
    'a login that was left is not logged out when its reply comes',
    'the server would call the next a repeat',
    'left-login-logs-out',
    'false',
  ),
  mutant(
    'what comes before the login reply is not kept',
    'READY may be among it',
    'frames-before-login',
    'holdLimit: 0',
  ),
  mutant('a login without a reply keeps its socket', 'nobody knows what the server made of it', 'unanswered-login', ''),
  mutant(
    'silence is no sign of death',
    'the socket stays open, and nothing arrives',
    'silence-is-death',
    'deadAfterMs: 60_000',
  ),
  mutant('the server’s words are shown as they are', 'it may repeat a key', 'redacted-words', 'const words = msg'),

  // The gateway’s journal.
  {
    name: 'the gateway replies before it writes',
    why: 'it may be killed in between',
    edits: [
      { marker: 'written-before-reply', to: 'const failure = undefined as string | undefined' },
      { marker: 'written-after-reply', to: "this.#noted({ kind: 'command', at, marketAt, command })\n$&" },
    ],
  },
  mutant(
    'the gateway goes on though it cannot write',
    'after the next start nobody knows of it',
    'stops-when-unwritten',
    'false',
  ),
  mutant('a torn last line stays', 'the next would be written behind it', 'torn-line-is-cut', ''),
  mutant('half a line stays on a full disk', 'the next would be written behind it', 'half-line-is-cut', ''),
  mutant('a snapshot forgets the cids', 'an order that is sent again must not be another one', 'cids-in-snapshot', ''),
  mutant(
    'a snapshot forgets the numbers of notices',
    'those of after it would be taken for ones that were seen',
    'numbers-in-snapshot',
    '',
  ),
]
