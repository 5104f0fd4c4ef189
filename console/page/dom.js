// @ts-check

/**
 * An element with attributes and children. Text goes in as text, never as markup.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Readonly<Record<string, string | boolean | undefined | ((event: Event) => void)>>} [attributes] functions
 *   are listeners, named by their event
 * @param {...(Node | string | undefined | false)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, '');
    else if (value !== undefined && value !== false) element.setAttribute(name, value);
  }
  for (const child of children) if (child) element.append(child);
  return element;
}

/**
 * Makes these the children of a list, in this order, and leaves those that stay where they are untouched: an element
 * that is taken out and put back loses the focus, and the press of a button that was begun on it.
 *
 * @param {Element} list
 * @param {readonly Element[]} children
 */
export function arrange(list, children) {
  for (const child of [...list.children]) if (!children.includes(child)) child.remove();
  for (const [i, child] of children.entries()) {
    if (list.children[i] !== child) list.insertBefore(child, list.children[i] ?? null);
  }
}

/**
 * An element of the page that is always there.
 *
 * @template {HTMLElement} E
 * @param {string} id
 * @param {new () => E} kind
 * @returns {E}
 */
export function part(id, kind) {
  const element = document.getElementById(id);
  if (element instanceof kind) return element;
  throw new Error(`the page has no ${id}`);
}

const ICONS = {
  send: ['M12 19V5', 'm5.500 11.500 6.500-6.500 6.500 6.500'],
  key: ['M14.500 9.500 20 4', 'm17 7 2 2', 'M11.500 18.500a4 4 0 1 1-6-6 4 4 0 0 1 6 6Z', 'm11.500 12.500 3-3'],
  microphone: [
    'M12 15a3.500 3.500 0 0 0 3.500-3.500v-5a3.500 3.500 0 0 0-7 0v5A3.500 3.500 0 0 0 12 15Z',
    'M5.500 11.500a6.500 6.500 0 0 0 13 0',
    'M12 18v3',
  ],
  reply: ['m9 14-4-4 4-4', 'M5 10h8.500a5.500 5.500 0 0 1 0 11H11'],
};

/**
 * @param {keyof typeof ICONS} name
 */
export function icon(name) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  svg.classList.add('glyph');
  for (const d of ICONS[name]) {
    const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
    path.setAttribute('d', d);
    svg.append(path);
  }
  return svg;
}

const LINK = /https?:\/\/[^\s<>"'“”)\]}。，,]+/gu;

/**
 * A text whose web addresses can be followed.
 *
 * @param {string} text
 */
export function withLinks(text) {
  const out = document.createDocumentFragment();
  let end = 0;
  for (const match of text.matchAll(LINK)) {
    const address = match[0].replace(/[.;:!?]+$/u, '');
    out.append(text.slice(end, match.index));
    out.append(h('a', { href: address, target: '_blank', rel: 'noopener noreferrer nofollow' }, address));
    end = match.index + address.length;
  }
  out.append(text.slice(end));
  return out;
}

/**
 * Keeps a list at its end while things are added, until somebody scrolls away from it; and again once they are back.
 *
 * @param {HTMLElement} scroll
 */
export function keepAtEnd(scroll) {
  let kept = true;
  const atEnd = () => scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 48;
  scroll.addEventListener('scroll', () => {
    if (atEnd()) kept = true;
  });
  // Only a person does these; what is added scrolls too.
  for (const moved of ['wheel', 'touchmove', 'pointerdown', 'keydown']) {
    scroll.addEventListener(moved, () => (kept = false), { passive: true });
  }
  return {
    added() {
      if (kept) this.go();
    },
    go() {
      kept = true;
      const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
      scroll.scrollTo({ top: scroll.scrollHeight, behavior: calm ? 'instant' : 'smooth' });
    },
    /** Somebody looks at something in particular. */
    leave() {
      kept = false;
    },
  };
}
