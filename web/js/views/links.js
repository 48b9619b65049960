// @ts-check
/** Finds web addresses in a message. Nothing is made clickable: what is found can be copied. */

const address = /\b(?:https?:\/\/|www\.)[^\s<>"'“”«»]+|\b(?:[a-z0-9-]+\.)+(?:com|org|net|io|dev|app|tv|gg|me|fr|de|uk|eu|example)\b(?:\/[^\s<>"'“”«»]*)?/giu;

/** @param {string} text @returns {{ text: string, link: boolean }[]} */
export function split(text) {
  const parts = [];
  let from = 0;
  for (const found of text.matchAll(address)) {
    const whole = found[0].replace(/[.,;:!?)\]}]+$/u, '');
    if (whole === '') continue;
    if (found.index > from) parts.push({ text: text.slice(from, found.index), link: false });
    parts.push({ text: whole, link: true });
    from = found.index + whole.length;
  }
  if (from < text.length) parts.push({ text: text.slice(from), link: false });
  return parts;
}
