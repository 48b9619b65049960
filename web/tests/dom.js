/** As much of a document as the views need to draw themselves, so that a test can read what they say. */

class FakeNode {
  childNodes = [];
  parentNode = null;

  append(...nodes) {
    for (const node of nodes.map((n) => (typeof n === 'string' ? new FakeText(n) : n))) {
      node.remove();
      node.parentNode = this;
      this.childNodes.push(node);
    }
  }
  before(...nodes) {
    const parent = this.parentNode, at = parent.childNodes.indexOf(this);
    const after = parent.childNodes.splice(at);
    parent.append(...nodes);
    parent.childNodes.push(...after);
  }
  remove() {
    const siblings = this.parentNode?.childNodes ?? [];
    if (siblings.includes(this)) siblings.splice(siblings.indexOf(this), 1);
    this.parentNode = null;
  }
  replaceChildren(...nodes) {
    for (const child of [...this.childNodes]) child.remove();
    this.append(...nodes);
  }
  get textContent() { return this.childNodes.map((n) => n.textContent).join(''); }
  set textContent(text) { this.replaceChildren(...(text === '' ? [] : [String(text)])); }
}

class FakeText extends FakeNode {
  constructor(text) { super(); this.text = text; }
  get textContent() { return this.text; }
}

export class FakeElement extends FakeNode {
  attributes = new Map();
  listeners = new Map();
  style = {};
  hidden = false;
  disabled = false;
  checked = false;
  value = '';
  placeholder = '';

  constructor(tag) { super(); this.tagName = tag.toUpperCase(); }
  setAttribute(name, value) { this.attributes.set(name, String(value)); }
  getAttribute(name) { return this.attributes.get(name) ?? null; }
  removeAttribute(name) { this.attributes.delete(name); }
  addEventListener(name, listener) { this.listeners.set(name, [...this.listeners.get(name) ?? [], listener]); }
  focus() { document.activeElement = this; }
  get children() { return this.childNodes.filter((n) => n instanceof FakeElement); }

  // The other end:
  /** @param {string} name @param {object} [event] */
  fire(name, event = {}) { for (const listener of this.listeners.get(name) ?? []) listener({ target: this, preventDefault() {}, stopPropagation() {}, ...event }); }
  click() { this.fire('click'); }
  get all() { return this.children.flatMap((child) => [child, ...child.all]); }
  /** A tag, a class or an attribute with its value. @param {string} selector */
  querySelectorAll(selector) {
    const [, name, value] = /^\[([\w-]+)=([\w-]+)\]$/.exec(selector) ?? [];
    return this.all.filter((e) => (name ? e.getAttribute(name) === value
      : selector.startsWith('.') ? ` ${e.getAttribute('class')} `.includes(` ${selector.slice(1)} `) : e.tagName === selector.toUpperCase()));
  }
  querySelector(selector) { return this.querySelectorAll(selector)[0] ?? null; }
  /** What a person sees: the text without what is hidden. */
  get seen() { return this.hidden ? '' : this.childNodes.map((n) => (n instanceof FakeElement ? n.seen : n.textContent)).join(''); }
}

globalThis.addEventListener ??= () => {};
globalThis.document = {
  activeElement: null,
  createElement: (tag) => new FakeElement(tag),
  createElementNS: (_, tag) => new FakeElement(tag),
};

/** An element around the parts of a view. */
export function page(...parts) {
  const root = new FakeElement('main');
  root.append(...parts.filter((part) => part !== null));
  return root;
}
