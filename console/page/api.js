// @ts-check
/** @import { SessionEvent } from './sse.js' */
import { apiKey } from './store.js';

const ATTEMPTS = 5;
const FIRST_WAIT_MS = 400;
const PAGE = 500;

/** An answer of the platform that is not the one that was wanted; status 0: there was none. */
export class Refused extends Error {
  /**
   * @param {number} status
   * @param {string} text
   */
  constructor(status, text) {
    super(text);
    this.status = status;
  }
}

/** @returns {Record<string, string>} */
export const headers = () => {
  const key = apiKey.get();
  return key === '' ? {} : { authorization: `Bearer ${key}` };
};

/** @param {string} session */
export const eventsUrl = (session) => `/v1/sessions/${encodeURIComponent(session)}/events`;

/** @param {string} session the same as a stream, with what callers say while they say it */
export const liveUrl = (session) => `${eventsUrl(session)}?partials=true`;

/**
 * Opens a session. Without a language where the browser's is the bot's first one, so that what is said may tell it.
 *
 * @param {string} language
 * @returns {Promise<{ session: string, position: number }>}
 */
export const open = (language) =>
  ask('/v1/sessions', { channel: 'page', ...(language !== 'zh' && { locale: language }) }, crypto.randomUUID());

/**
 * Says something. With the same key it is said once, however often it is sent.
 *
 * @param {string} session
 * @param {{ text: string, payload?: string }} data
 * @param {string} key
 * @returns {Promise<{ id: string, position: number }>}
 */
export const post = (session, data, key) => ask(eventsUrl(session), { type: 'utterance.received', data }, key);

/**
 * Lets one call into a session.
 *
 * @param {string} session
 * @returns {Promise<{ ticket: string }>}
 */
export const voiceTicket = (session) => ask('/v1/voice/tickets', { session });

/** Where the queue of the desk is. */
export const QUEUE_URL = '/v1/desk/queue';

/**
 * Who waits for a person.
 *
 * @returns {Promise<import('./desk-queue.js').Queue>}
 */
export const deskQueue = () => ask(QUEUE_URL);

/**
 * @param {string} session
 * @param {'take' | 'hand-back' | 'close'} command
 * @param {string} agent
 * @param {string} key
 */
export const control = (session, command, agent, key) =>
  ask(`/v1/sessions/${encodeURIComponent(session)}/control`, { command, agent }, key);

/**
 * Writes to the customer as a person.
 *
 * @param {string} session
 * @param {string} text
 * @param {string} agent
 * @param {string} key
 * @returns {Promise<{ id: string }>}
 */
export const writeAs = (session, text, agent, key) =>
  ask(`/v1/sessions/${encodeURIComponent(session)}/agent-messages`, { text, agent }, key);

/**
 * Everything that has happened in a session.
 *
 * @param {string} session
 * @returns {Promise<readonly SessionEvent[]>}
 */
export async function history(session) {
  /** @type {SessionEvent[]} */
  const all = [];
  /** @type {number | null} */
  let after = 0;
  while (after !== null) {
    const page = await ask(`${eventsUrl(session)}?after=${after}&limit=${PAGE}`);
    all.push(...page.events);
    after = page.next ?? null;
  }
  return all;
}

/**
 * @param {string} path
 * @param {object} [body]
 * @param {string} [key]
 */
async function ask(path, body, key) {
  for (let attempt = 1; ; attempt++) {
    const response = await fetch(path, {
      method: body ? 'POST' : 'GET',
      cache: 'no-store',
      headers: {
        ...headers(),
        accept: 'application/json',
        ...(body && { 'content-type': 'application/json' }),
        ...(key && { 'idempotency-key': key }),
      },
      ...(body && { body: JSON.stringify(body) }),
    }).catch(() => undefined);
    if (response?.ok) return response.json();
    const again = !response || response.status === 429 || response.status >= 500;
    if (!again || attempt === ATTEMPTS) throw await refusal(response);
    const wanted = Number(response?.headers.get('retry-after') ?? 0) * 1_000;
    await new Promise((resolve) => setTimeout(resolve, Math.max(wanted, FIRST_WAIT_MS * 2 ** (attempt - 1))));
  }
}

/** @param {Response | undefined} response */
async function refusal(response) {
  if (!response) return new Refused(0, '');
  const problem = await response.json().catch(() => ({}));
  const fields = (problem.errors ?? []).map((/** @type {any} */ { field, message }) => `${field} ${message}`);
  const text = [problem.title ?? `HTTP ${response.status}`, problem.detail, ...fields].filter(Boolean).join(': ');
  return new Refused(response.status, text);
}
