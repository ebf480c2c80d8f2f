/** Faults that strike by the clock. */
export const strikes = [
  'reset',
  'cut at a byte',
  'half-open: the server is not told',
  'half-open: the client is not told',
  'black hole both ways',
  'black hole up',
  'black hole down',
  'server stops reading',
  'client stops reading',
  'client stopped',
  'client suspended',
  'gateway stopped',
  'gateway suspended',
  'client wall clock jumps',
  'gateway wall clock jumps',
  'gateway killed',
  'gateway shut down',
  'client killed',
  'dialling refused',
  'dialling swallowed',
  'accept then close',
  'exchange lost',
  'token void',
  'login left and taken again',
] as const
export type Strike = (typeof strikes)[number]

/** Moments at which a fault may be aimed. */
export const moments = [
  'place_order about to be written',
  'place_order reaches the gateway',
  'place_order about to be replied',
  'place_order written',
  'place_order at the gateway',
  'place_order accepted by the exchange',
  'place_order replied',
  'place_order reply heard',
  'cancel_order written',
  'open_orders written',
  'login written',
  'login at the gateway',
  'login reply heard',
  'READY heard',
  'intent in the journal',
] as const
export type Moment = (typeof moments)[number]

/** Every class of fault: a run of 10,000 seeds must have hit each over 1,000 times. */
export const faults = [
  ...strikes,
  ...moments.map(<M extends Moment>(moment: M): `aimed: ${M}` => `aimed: ${moment}`),
  'gateway killed between accepting an order and replying',
  // What is written, and where it cannot be.
  'gateway journal cannot be written',
  'gateway killed before a line of its journal',
  'gateway killed within a line of its journal',
  'gateway killed after a line of its journal',
  'intent journal cannot be written',
  // The exchange behind the gateway, and who else trades there.
  'exchange: call lost',
  'exchange: answer lost',
  'exchange: call failed',
  'exchange: two orders made of one',
  'a stranger trades the account',
  // What deployed servers do to replies,
  'reply lost',
  'reply after its timeout',
  'reply overtaken',
  'reply twice',
  'reply to nothing',
  'undecodable reply',
  'false that is not definite',
  'cancel of one order unanswered',
  // to logins,
  'login reply lost',
  'state before the login reply',
  'unknown state code',
  'Do not log in repeat',
  'Invalid token',
  // to notices,
  'notice lost',
  'numbered notice lost',
  'notice overtaken',
  'notice twice',
  'older notice after a newer',
  'undecodable notice',
  'number that is none',
  'price that is not told',
  'CANCELED then FILLED',
  'asset notice that is only a hint',
  // and at all.
  'frame that is none',
  'name that every object has',
  'unknown op or topic',
  'server repeats a key',
] as const
export type Fault = (typeof faults)[number]

/** So many hits of each class are wanted of so many seeds. */
export const wanted = { hits: 1_000, ofSeeds: 10_000 } as const
