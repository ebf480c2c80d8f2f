/** The source with one safeguard taken away. The simulator must notice. */
export interface Mutant {
  readonly name: string
  /** What the safeguard is for. */
  readonly why: string
  /** Each text stands exactly once in its file. */
  readonly edits: readonly Edit[]
}

export interface Edit {
  readonly file: string
  readonly from: string
  readonly to: string
}

const mutant = (name: string, why: string, file: string, from: string, to: string): Mutant => ({
  name,
  why,
  edits: [{ file, from, to }],
})

export const mutants: readonly Mutant[] = [
  // No order twice.
  mutant(
    'orders do not wait for READY',
    'a login that is not READY refuses, or worse',
    'src/client/wire/line.ts',
    'open$.next({ commands: isReady, orders: isTradable() })',
    'open$.next({ commands: link !== null, orders: link !== null && isSynced })',
  ),
  mutant(
    'no look at the age as an order is written',
    'after a suspension timers are late, and what waited is from another market',
    'src/operators/gate.ts',
    'if (ageMs() >= maxAgeMs) subscriber.error(isTooOld(maxAgeMs))\n          else pass()',
    'pass()',
  ),
  mutant(
    'ages by the monotonic clock alone',
    'it stands still while the machine sleeps',
    'src/time/clock.ts',
    'Math.max(0, clock.wall() - then.wall, clock.monotonic() - then.monotonic)',
    'Math.max(0, clock.monotonic() - then.monotonic)',
  ),
  mutant(
    'an order of unknown fate may be subscribed to again',
    'retry(3) must not make four orders',
    'src/client/orders/orders.ts',
    "case 'open':",
    "case 'closed-by-caller':",
  ),
  mutant(
    'an order of unknown fate may be subscribed to again by who hears of it',
    'his handler runs before the end of the first subscription',
    'src/client/orders/orders.ts',
    'if (error instanceof NotSent || error instanceof Rejected) earlier.delete(flight)',
    'earlier.delete(flight)\n              if (!(error instanceof NotSent || error instanceof Rejected)) queueMicrotask(() => earlier.add(flight))',
  ),
  mutant(
    'an order whose subscriber left may be subscribed to again',
    'it was placed, and nobody was told',
    'src/client/orders/orders.ts',
    "case 'placed':",
    "case 'unsent':",
  ),
  mutant(
    'a refusal is believed, whatever it says',
    'deployed servers say false when their own call timed out',
    'src/client/orders/definite-refusal.ts',
    'export const isDefiniteRefusal = (reply: FailureReply): boolean =>',
    'export const isDefiniteRefusal = (reply: FailureReply): boolean => reply.result === false ||',
  ),
  mutant(
    'a refusal is believed whose words are not recognised',
    'a list of the words of all libraries never ends',
    'src/client/orders/definite-refusal.ts',
    'namesReason(text) && !speaksOfDoubt(text)',
    '!speaksOfDoubt(text)',
  ),
  mutant(
    'a refusal of the second frame is believed',
    'the server may have taken the first',
    'src/client/orders/flights.ts',
    "filter((verdict) => verdict._tag === 'Placed' || !writtenAgain.has(intent.cid)),",
    'filter(() => true),',
  ),
  mutant(
    'a refusal is believed of an order that the login before may have sent twice',
    'the server may have taken the first',
    'src/client/orders/flights.ts',
    'if (epoch !== undefined) writtenAgain.add(cid)',
    '',
  ),
  mutant(
    'an order is sent again to a server that has lost its memory',
    'it would be taken as a new one',
    'src/client/orders/proof.ts',
    'link.epoch === epoch &&',
    '',
  ),
  mutant(
    'an order is sent again to a server without the feature',
    'it would be taken as a new one',
    'src/client/orders/proof.ts',
    "link.features.has('cid') &&",
    '',
  ),
  mutant(
    'an order is sent again when it is too old',
    'the market is another',
    'src/client/orders/proof.ts',
    'clock.wall() < validUntil &&\n    !isTooOld()',
    'true',
  ),
  mutant(
    'the gateway has no memory of cids',
    'a cid that was used before makes no second order',
    'src/gateway/connection-session.ts',
    "request.op === 'place_order' && memory !== undefined",
    "request.op === 'place_order' && memory !== undefined && request.cid === ''",
  ),
  mutant(
    'the gateway does not wait for the first with a cid',
    'a copy that arrives while it is in flight',
    'src/gateway/order-memory.ts',
    'return known.reply === undefined ? (known.waiting as Observable<Reply>) : of(known.reply)',
    'return known.reply === undefined ? carryOut() : of(known.reply)',
  ),
  mutant(
    'cids do not come back from the gateway’s journal',
    'it may be killed between accepting an order and replying',
    'src/gateway/paper/paper-venue.ts',
    'if (reply !== undefined) this.memory(reply.account).restore(reply.order)',
    '',
  ),
  mutant(
    'the gateway calls what may have happened refused',
    'the exchange behind it fails in the middle of an order',
    'src/gateway/answer.ts',
    'return changesSomething(request.op)\n    ? unknownFate(request, `${why}; it is not known whether this ${request.op} took effect`)\n    : refusal(request.op, request.cid, why)',
    "return refusal(request.op, request.cid, 'failed')",
  ),

  mutant(
    'a cancel-all takes back no order that waits',
    'it would be written behind the cancel that was to cover it',
    'src/client/login/running-login.ts',
    'return waitingOrders.takeBack(symbol)',
    'return () => undefined',
  ),

  // None forgotten, and each settled on evidence.
  mutant(
    'no tombstones',
    'a reply that comes after its timeout settles the Unknown',
    'src/operators/match-reply.ts',
    'this.#tombstones.add(id)\n',
    '',
  ),
  mutant(
    'the intent journal is not written before the frame',
    'a killed process leaves nothing to its successor',
    'src/client/orders/flights.ts',
    '    log.sent(intent)\n    const flight',
    '    const flight',
  ),
  mutant(
    'the intent journal is not read',
    'what a predecessor left is settled first',
    'src/client/orders/flights.ts',
    'openIntents(left)',
    'openIntents([])',
  ),
  mutant(
    'an end that the intent journal could not take is not written later',
    'a successor would find the order open, and may send it',
    'src/client/orders/intent-log.ts',
    'owed.push(entry)',
    '',
  ),
  mutant(
    'the caller may close what the intent journal cannot',
    'a successor would find the order open, and may send it beside the one placed in its stead',
    'src/client/orders/flights.ts',
    "      log.released(intent.cid, 'closed-by-caller')\n",
    "      try {\n        log.released(intent.cid, 'closed-by-caller')\n      } catch {}\n",
  ),
  mutant(
    'any look-alike is proof',
    'there may be two',
    'src/client/orders/proof.ts',
    'filter((found) => found.length === 1),',
    'filter((found) => found.length >= 1),',
  ),
  mutant(
    'an order whose price is not told looks like none',
    'it may be the one, and another the other',
    'src/client/orders/look-alike.ts',
    'order.price === null || ',
    '',
  ),
  mutant(
    'an order whose price is not told is proof',
    'it may be one at another price',
    'src/client/orders/proof.ts',
    "filter(([only]) => intent.order.order_type === 'MARKET' || only?.price !== null),",
    '',
  ),
  mutant(
    'a look-alike is proof though it may be another order of ours',
    'two orders of one shape',
    'src/client/orders/proof.ts',
    'filter(() => rivals(intent) === 0),',
    '',
  ),
  mutant(
    'orders that open and that close do not look alike',
    'notices leave out the sign',
    'src/client/orders/look-alike.ts',
    'Math.abs(a.quantity) === Math.abs(b.quantity)',
    'a.quantity === b.quantity',
  ),
  mutant(
    'a look-alike is proof though it is known to be another order of ours',
    'it has had its reply',
    'src/client/orders/proof.ts',
    ' && !isTaken(order)',
    '',
  ),
  mutant(
    'a look-alike is proof though others trade the account',
    'it may be theirs',
    'src/client/orders/proof.ts',
    'soleTrader\n      ?',
    'soleTrader || true\n      ?',
  ),

  // Views, fills and gaps.
  mutant(
    'fills are counted as often as they are told',
    'a notice may come twice',
    'src/client/views/ledger/order-ledger.ts',
    'if (entry.fills.has(fill.fill_no)) return false',
    '',
  ),
  mutant(
    'FILLED does not beat CANCELED',
    'the fill and the cancel may cross',
    'src/client/views/ledger/order-move.ts',
    "return { kind: 'repaired', why: `it was called ${known.status}, and was FILLED after all` }",
    "return { kind: 'refused', why: '' }",
  ),
  mutant(
    'an ended order may open again',
    'an older notice may come after a newer',
    'src/client/views/ledger/order-move.ts',
    "return { kind: 'refused', why: `it has ended as ${known.status}, and is called ${update.status} now` }",
    "return { kind: 'applied' }",
  ),
  mutant(
    'older notices are taken',
    'they come after newer ones',
    'src/client/views/ledger/order-move.ts',
    "if (update.status === 'NONE' || update.utime < known.utime) return { kind: 'stale' }",
    '',
  ),
  mutant(
    'an order snapshot undoes what came after its question',
    'notices overtake the answer',
    'src/client/views/ledger/order-ledger.ts',
    'if (entry.touched > asked) continue\n            // It had ended',
    '// It had ended',
  ),
  mutant(
    'an order snapshot takes away what came after its question',
    'notices overtake the answer',
    'src/client/views/ledger/order-ledger.ts',
    'if (entry.touched > asked || mayBeOlder) {',
    'if (mayBeOlder) {',
  ),
  mutant(
    'the answer to an earlier question counts',
    'answers overtake each other',
    'src/client/views/ledger/questions.ts',
    "if (nth < answered) return 'older'",
    '',
  ),
  mutant(
    'of two questions at once the later is answered by the newer truth',
    'behind the gateway questions overtake each other too',
    'src/client/views/ledger/questions.ts',
    "nth <= overlapped ? 'unsure' : 'newest'",
    "'newest' as const",
  ),
  mutant(
    'a position snapshot undoes what came after its question',
    'notices overtake the answer',
    'src/client/views/ledger/position-book.ts',
    'touched <= asked && ',
    '',
  ),
  mutant(
    'one question for two asset notices',
    'the second may come while the answer to the first is on its way',
    'src/client/views/books.ts',
    'trailing: true',
    'trailing: false',
  ),
  mutant(
    'balances stay as they are when nobody answers',
    'they are known by asking alone',
    'src/client/views/snapshots.ts',
    'error: () => balances.table.setStale(),',
    '',
  ),
  mutant(
    'a snapshot that failed is not asked for again',
    'its view would stay stale',
    'src/client/views/snapshots.ts',
    'deps.onAgain({ name, take$: take$() }, inARow)',
    '',
  ),
  mutant(
    'a gap begins with what was heard last',
    'that may have lain in the socket for a minute',
    'src/client/wire/wire.ts',
    'get completeUntil() {\n        return proven',
    'get completeUntil() {\n        return instant(clock)',
  ),
  mutant(
    'a second loss hides the first',
    'before the snapshots were there',
    'src/client/views/resync.ts',
    'pending = { ...(pending ?? { cause, from, difference: baseline(), compared: [] }), recovered }',
    'pending = { cause, from, difference: baseline(), compared: [], recovered }',
  ),
  mutant(
    'a session that could not resume is forgotten when it falls',
    'the next one resumes from it, and the gap before it would be called recovered',
    'src/client/views/resync.ts',
    'if (pending !== undefined && !resumed)',
    'if (pending === null)',
  ),
  mutant(
    'a notice that cannot be read is passed over',
    'it may have been a fill',
    'src/client/login/login.ts',
    'onMissed(wallOf(wire.completeUntil))',
    'void 0',
  ),
  mutant(
    'a frame that is no JSON is passed over',
    'a notice may have been in it, of whichever login',
    'src/client/wire/wire.ts',
    'else if (!mayHoldNotice(failure)) return',
    'else if (failure.op === undefined) return',
  ),
  mutant(
    'each notice that cannot be read begins a round of snapshots',
    'a hundred of them would ask six hundred questions',
    'src/client/views/resync.ts',
    'if (closing !== undefined || isAwaited) return\n',
    '',
  ),
  mutant(
    'a hole in the numbers is passed over',
    'notices were missed',
    'src/client/views/sequence.ts',
    'const complete = last === undefined || seq <= following(last)',
    'const complete = true',
  ),
  mutant(
    'numbers begin anew though the server resumes',
    'what was missed is still to come',
    'src/client/login/running-login.ts',
    "if (resume !== 'complete') sequence.begin(seqOf(reply))",
    'sequence.begin(seqOf(reply))',
  ),
  mutant(
    'the numbers of one life are taken for those of the next',
    'what the client has seen is not what was sent',
    'src/gateway/paper/paper-venue.ts',
    'journal?.life.historyBase ?? clock.wall() * 1_000',
    'journal?.life.historyBase ?? 0',
  ),

  // Logins and sockets.
  mutant(
    'an old socket is not left for the new one',
    'nothing of one connection may reach the next one’s state',
    'src/client/login/login.ts',
    'switchMap((wire) => {\n          if (wire !== null)',
    'mergeMap((wire) => {\n          if (wire !== null)',
  ),
  mutant(
    'a login that was left is not logged out when its reply comes',
    'the server would call the next a repeat',
    'src/client/login/login-attempt.ts',
    "else if (!(reply instanceof DecodeFailure) && reply.op === 'login' && reply.result) wire.logout(reply.token)",
    '',
  ),
  mutant(
    'what comes before the login reply is not kept',
    'READY may be among it',
    'src/client/wire/wire.ts',
    'holdLimit: mostHeldFrames',
    'holdLimit: 0',
  ),
  mutant(
    'a login without a reply keeps its socket',
    'nobody knows what the server made of it',
    'src/client/login/login-attempt.ts',
    'wire.retire(new LoginUnanswered(`the login to ${platform} got no reply within ${requestTimeoutMs} ms`))',
    '',
  ),
  mutant(
    'silence is no sign of death',
    'the socket stays open, and nothing arrives',
    'src/client/wire/wire.ts',
    '        deadAfterMs,\n        onLatency',
    '        deadAfterMs: 60_000,\n        onLatency',
  ),
  mutant(
    'the server’s words are shown as they are',
    'it may repeat a key',
    'src/client/login/login.ts',
    'const words = redactor.redact(msg)',
    'const words = msg',
  ),

  // The gateway's journal.
  {
    name: 'the gateway replies before it writes',
    why: 'it may be killed in between',
    edits: [
      {
        file: 'src/gateway/paper/paper-venue.ts',
        from: "const failure = this.#noted({ kind: 'command', at, command })",
        to: 'const failure = undefined as string | undefined',
      },
      {
        file: 'src/gateway/paper/paper-venue.ts',
        from: '    answered(events)\n    for',
        to: "    answered(events)\n    this.#noted({ kind: 'command', at, command })\n    for",
      },
    ],
  },
  mutant(
    'the gateway goes on though it cannot write',
    'after the next start nobody knows of it',
    'src/gateway/paper/paper-venue.ts',
    'if (failure !== undefined) {',
    'if (failure === null) {',
  ),
  mutant(
    'a torn last line stays',
    'the next would be written behind it',
    'src/disk/checked-log.ts',
    'if (fstatSync(this.#file).size > this.#whole) this.#options.disk.truncate(this.#file, this.#whole)',
    '',
  ),
  mutant(
    'half a line stays on a full disk',
    'the next would be written behind it',
    'src/disk/append-line.ts',
    'if (!isWhole) disk.truncate(file, size)',
    '',
  ),
  mutant(
    'a snapshot forgets the cids',
    'an order that is sent again must not be another one',
    'src/gateway/paper/paper-venue.ts',
    "for (const order of memory.remembered()) yield { kind: 'reply', account, order }",
    'void memory',
  ),
  mutant(
    'a snapshot forgets the numbers of notices',
    'those of after it would be taken for ones that were seen',
    'src/gateway/paper/paper-venue.ts',
    "yield { kind: 'history', account, history: state }",
    'void state',
  ),
]
