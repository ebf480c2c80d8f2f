import type { FailureReply, Reply, RequestOp } from '../../protocol/index.js'

/** True for commands that change something: if their outcome is unknown, the reply must say so. */
export const changesSomething = (op: RequestOp): boolean => op === 'place_order' || op === 'cancel_order'

/**
 * A refusal: it did not happen. A failed login carries an empty token, as deployed servers send it.
 * Deployed servers also reply `false` to commands that may have happened, so ours adds
 * `unknown: false`: the command has not happened.
 */
export const refusal = (op: RequestOp, cid: string | undefined, error_message: string): FailureReply & Reply => ({
  op,
  cid: cid ?? '',
  result: false,
  error_message,
  ...(op === 'login' ? { token: '' } : {}),
  ...(changesSomething(op) ? { unknown: false } : {}),
})
