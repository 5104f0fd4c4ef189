// @ts-check

// What the page remembers between reloads. A browser may refuse to keep anything; then it is forgotten, not broken.

const SESSION = 'turnstream.session';
const KEY = 'turnstream.key';
const LANGUAGE = 'turnstream.language';
const AGENT = 'turnstream.agent';
const READ = 'turnstream.read';

/** @param {() => string | null} look */
const read = (look) => {
  try {
    return look() ?? '';
  } catch {
    return '';
  }
};
/** @param {() => void} keep */
const write = (keep) => {
  try {
    keep();
  } catch {
    // Private windows of some browsers have no storage.
  }
};

/** The session stands in the address too, so that it can be bookmarked and passed on. */
export const session = {
  get: () => {
    const named = /^#s=([0-9A-Za-z]{26,32})$/u.exec(location.hash)?.[1];
    return named ?? read(() => sessionStorage.getItem(SESSION));
  },
  /** @param {string} id */
  set: (id) => {
    write(() => sessionStorage.setItem(SESSION, id));
    history.replaceState(null, '', id === '' ? location.pathname : `#s=${id}`);
  },
};

/** The API key lives as long as the tab: it is a secret. */
export const apiKey = {
  get: () => read(() => sessionStorage.getItem(KEY)),
  /** @param {string} value */
  set: (value) => write(() => (value === '' ? sessionStorage.removeItem(KEY) : sessionStorage.setItem(KEY, value))),
};

export const chosenLanguage = {
  get: () => read(() => localStorage.getItem(LANGUAGE)),
  /** @param {string} value */
  set: (value) => write(() => localStorage.setItem(LANGUAGE, value)),
};

/** Up to where an agent has read his conversations. */
export const readUpTo = {
  /** @returns {Record<string, number>} */
  get: () => JSON.parse(read(() => localStorage.getItem(READ)) || '{}'),
  /** @param {Record<string, number>} places */
  set: (places) => write(() => localStorage.setItem(READ, JSON.stringify(places))),
};

/** What an agent is called who has no key of his own. */
export const agentName = {
  get: () => read(() => localStorage.getItem(AGENT)),
  /** @param {string} value */
  set: (value) => write(() => localStorage.setItem(AGENT, value)),
};
