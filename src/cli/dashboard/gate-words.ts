import type { RiskState } from '../../strategy/index.js'
import { number } from '../format/numbers.js'

/** True while the gate denies new orders. */
export const isShut = ({ lock }: RiskState): boolean => lock._tag !== 'Open'

/** State of a gate, in a word. */
export const gateInAWord = (risk: RiskState): string =>
  isShut(risk) ? 'shut' : risk.account === 'unknown' ? 'waiting' : 'open'

/** Reason why the gate is shut, and how to reopen it. */
export const whyShut = ({ lock, account }: RiskState): string => {
  switch (lock._tag) {
    case 'Halted':
      return `halted: ${lock.reason}; ${REOPEN}`
    case 'Tripped':
      return `${lock.code}: ${lock.words}; ${REOPEN}`
    case 'Open':
      return account === 'unknown' ? 'until the account is known again after a drop' : ''
  }
}
const REOPEN = `\`kill -USR2 ${process.pid}\` reopens it`

/** Use of the limits, and number of denied orders by code. */
export const usedInWords = ({ symbols, refusals }: RiskState): string => {
  const used = symbols.flatMap(({ symbol, used: now, limits, missed }) =>
    limits.position === undefined
      ? []
      : [
          `${symbol} ${number(now)} of ${number(limits.position)}, orders to ${number(limits.orderSize ?? 0)} and ${number(limits.orderValue ?? 0)}${missed ? ', at worst: notices were missed' : ''}`,
        ],
  )
  const refused = Object.entries(refusals).map(([code, count]) => `${number(count)} ${code}`)
  return [...used, ...(refused.length === 0 ? [] : [`refused ${refused.join(', ')}`])].join(' · ')
}
