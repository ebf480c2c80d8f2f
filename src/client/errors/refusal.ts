import { GateRefused } from '../../operators/index.js'
import type { RequestOp } from '../../protocol/index.js'
import { LoginFailed, NotSent } from './errors.js'

/** Reason for closing a command queue for good. */
export class LoggedOut extends Error {
  override readonly name = 'LoggedOut'
}

const inWords = (op: RequestOp, refused: GateRefused): NotSent => {
  switch (refused.reason) {
    case 'too-old':
      return new NotSent(
        op,
        'not-ready-in-time',
        'the login did not become READY within its age; it is safe to try again',
      )
    case 'full':
      return new NotSent(op, 'queue-full', 'too many commands are waiting for READY already')
    case 'ended':
      return refused.cause instanceof LoginFailed
        ? new NotSent(op, 'login-failed', refused.cause.message, { cause: refused.cause })
        : new NotSent(op, 'logged-out', 'the login is ending or has ended')
  }
}

/**
 * Words a gate's refusal as what it means to the caller of a command: the server never saw it. Any
 * other error stays as it is.
 */
export const asRefusal = (op: RequestOp, error: unknown): unknown =>
  error instanceof GateRefused ? inWords(op, error) : error
