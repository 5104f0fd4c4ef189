// @ts-check
import { arrange, h, part } from './dom.js';
import { readUpTo } from './store.js';
import { known, language, say } from './words.js';

/**
 * @typedef {{
 *   session: string, since: string, channel: string, locale: string,
 *   reason?: string, priority?: string, skill?: string, agent?: string, wrote?: number,
 * }} Entry
 * @typedef {{ position: number, waiting: readonly Entry[], total: number, taken: readonly Entry[],
 *   agent?: { name: string, skills?: readonly string[] } }} Queue
 */

const EVERY_MS = 1_000;
/** Of so many conversations it is known how far they were read: more than anybody has at a time. */
const REMEMBERED = 200;

/**
 * Who waits, and whom the agent has. The arrow keys go through both lists.
 *
 * @param {{ onPick: (session: string) => void }} options
 */
export function queueView({ onPick }) {
  const waiting = part('waiting', HTMLUListElement);
  const mine = part('mine', HTMLUListElement);
  const count = part('queue-count', HTMLElement);
  let picked = '';
  /** @type {{ queue: Queue, me: string }} */
  let last = { queue: { position: 0, waiting: [], total: 0, taken: [] }, me: '' };
  let places = readUpTo.get();
  /** What is shown of each session, and what it was made of. */
  let shown = /** @type {ReadonlyMap<string, { of: string, node: HTMLElement }>} */ (new Map());

  const buttons = () =>
    /** @type {HTMLButtonElement[]} */ ([...part('queue-scroll', HTMLElement).querySelectorAll('.entry')]);
  part('queue-scroll', HTMLElement).addEventListener('keydown', (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const all = buttons();
    const at = all.findIndex((b) => b === document.activeElement);
    all[Math.max(0, Math.min(all.length - 1, at + step))]?.focus();
  });
  setInterval(() => {
    for (const time of document.querySelectorAll('time[data-since]')) {
      time.textContent = ago(/** @type {HTMLElement} */ (time).dataset['since'] ?? '');
    }
  }, EVERY_MS);

  /**
   * Of the conversation that is looked at, what is new is seen as it comes.
   *
   * @param {Entry} entry
   */
  const isUnread = ({ session, wrote = 0 }) =>
    wrote > (places[session] ?? 0) && (session !== picked || document.hidden);

  /** @param {Entry} entry */
  const item = (entry) =>
    h(
      'li',
      {},
      h(
        'button',
        {
          type: 'button',
          class: `entry p-${entry.priority ?? 'mine'}${isUnread(entry) ? ' unread' : ''}`,
          'data-session': entry.session,
          'aria-current': entry.session === picked ? 'true' : undefined,
          click: () => onPick(entry.session),
        },
        h(
          'span',
          { class: 'line' },
          h('b', {}, entry.skill ?? entry.reason ?? `…${entry.session.slice(-6)}`),
          h('time', { 'data-since': entry.since, datetime: entry.since }, ago(entry.since)),
        ),
        h(
          'span',
          { class: 'line soft' },
          h('span', {}, [entry.channel, entry.locale].join(' · ')),
          entry.priority && entry.priority !== 'normal'
            ? h('span', { class: 'urgency' }, say(known(`priority_${entry.priority}`) ?? 'queue'))
            : isUnread(entry) && h('span', { class: 'news' }, say('unread')),
        ),
      ),
    );

  /** @param {Entry} entry */
  const kept = (entry) => {
    const of = language() + isUnread(entry) + JSON.stringify(entry);
    const before = shown.get(entry.session);
    return before?.of === of ? before : { of, node: item(entry) };
  };

  return {
    /**
     * Shows the queue as it is now. What has not changed stays the same element: an agent may be about to press it.
     *
     * @param {Queue} queue
     * @param {string} me
     */
    show(queue, me) {
      last = { queue, me };
      const focused = /** @type {HTMLElement | null} */ (document.activeElement)?.dataset['session'];
      const own = queue.taken.filter(({ agent }) => agent === me);
      shown = new Map([...queue.waiting, ...own].map((entry) => [entry.session, kept(entry)]));
      const nodes = (/** @type {readonly Entry[]} */ entries) =>
        entries.flatMap(({ session }) => shown.get(session)?.node ?? []);
      arrange(waiting, nodes(queue.waiting));
      arrange(mine, nodes(own));
      part('mine-title', HTMLElement).hidden = own.length === 0;
      part('nobody', HTMLElement).hidden = queue.total > 0;
      part('accept-next', HTMLButtonElement).disabled = queue.total === 0;
      const more = queue.total - queue.waiting.length;
      part('more', HTMLElement).hidden = more === 0;
      part('more', HTMLElement).textContent = say('moreWaiting', { count: more });
      count.hidden = queue.total === 0;
      count.textContent = String(queue.total);
      const news = queue.total + own.filter(isUnread).length;
      document.title = `${news > 0 ? `(${news}) ` : ''}${say('deskTitle')}`;
      if (focused)
        buttons()
          .find((b) => b.dataset['session'] === focused)
          ?.focus();
    },
    /** @param {string} session */
    pick(session) {
      picked = session;
      for (const button of buttons()) {
        if (button.dataset['session'] === session) button.setAttribute('aria-current', 'true');
        else button.removeAttribute('aria-current');
      }
    },
    /**
     * What stands up to here has been read.
     *
     * @param {string} session
     * @param {number} position
     */
    read(session, position) {
      const { [session]: before = 0, ...others } = places;
      const all = [...Object.entries(others), [session, Math.max(position, before)]];
      places = Object.fromEntries(all.slice(-REMEMBERED));
      readUpTo.set(places);
      this.show(last.queue, last.me);
    },
  };
}

/**
 * How long ago something was, as a clock that runs: 0:07, 12:30, 1:05:00.
 *
 * @param {string} since
 */
function ago(since) {
  const seconds = Math.max(0, Math.floor((Date.now() - Date.parse(since)) / 1_000));
  const [h_, m, s] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
  const two = (/** @type {number} */ n) => String(n).padStart(2, '0');
  return h_ > 0 ? `${h_}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}
