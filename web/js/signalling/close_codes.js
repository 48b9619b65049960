// @ts-check
/** What a close code of the socket asks of us. */

/** @typedef {'retry' | 'sign-in' | 'stop'} Verdict */

/** The reasons that a person can be told, by code; each is a key of the string files below `stop.` */
const reasons = new Map([
  [1003, 'protocol'], [1007, 'protocol'], [1009, 'protocol'],
  [4501, 'unauthorized'], [4502, 'protocol'], [4503, 'banned'], [4504, 'too_many'],
  [4506, 'replaced'], [4507, 'signed_out'],
]);

/** @param {number} code @returns {Verdict} */
export function verdict(code) {
  if (code === 4501 || code === 4009) return 'sign-in';
  if (code >= 4500 && code < 5000) return 'stop';
  return code === 1003 || code === 1007 || code === 1009 ? 'stop' : 'retry';
}

/** @param {number} code */
export function reason(code) { return reasons.get(code) ?? 'refused'; }

/** Codes that ask for patience: the first retry is not immediate. @param {number} code */
export function leastDelay(code) { return code === 4013 || code === 4029 ? 5000 : 0; }
