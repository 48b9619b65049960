// @ts-check
/** The one DOM helper: makes elements, with properties, attributes, listeners and children. */

const svgSpace = 'http://www.w3.org/2000/svg';

/** @typedef {Node | string | false | null | undefined} Child */

/**
 * `on…` is a listener, `class` and names with a dash are attributes, everything else a property where one exists.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag @param {Record<string, unknown>} [props] @param {...Child} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), /** @type {EventListener} */ (value));
    else if (name in element && !name.includes('-') && name !== 'list') Object.assign(element, { [name]: value });
    else if (value !== false) element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(...present(children));
  return element;
}

/** @param {Child[]} children */
function present(children) {
  return /** @type {(Node | string)[]} */ (children.filter((c) => c !== null && c !== undefined && c !== false && c !== ''));
}

/** Replaces the children. @param {Element} element @param {...Child} children */
export function fill(element, ...children) { element.replaceChildren(...present(children)); }

/** Sets a text only when it differs, so that live regions do not speak again. @param {Element} element @param {string} text */
export function write(element, text) { if (element.textContent !== text) element.textContent = text; }

/** @param {Element} element @param {string} name @param {string | number | boolean | null} value null and false remove it */
export function mark(element, name, value) {
  if (value === null || value === false) element.removeAttribute(name);
  else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value === true ? '' : String(value));
}

/** @param {string} tag @param {Record<string, string | number>} attributes @param {...Node} children */
export function svg(tag, attributes, ...children) {
  const element = document.createElementNS(svgSpace, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}

/** One picture of the sprite. @param {string} name @param {string} [more] further classes */
export function icon(name, more = '') {
  return svg('svg', { class: `i ${more}`.trim(), 'aria-hidden': 'true' }, svg('use', { href: `/icons.svg#${name}` }));
}

/** Another picture in the same place. @param {Element} element that holds an icon() @param {string} name */
export function changeIcon(element, name) {
  const use = element.querySelector('use');
  if (use && use.getAttribute('href') !== `/icons.svg#${name}`) use.setAttribute('href', `/icons.svg#${name}`);
}
