// @ts-check
/** @import { SessionEvent } from './sse.js' */
/** @import { Change, Step, Turn } from './model.js' */
import { h, keepAtEnd, part } from './dom.js';
import { known, language, say } from './words.js';

/** How each kind of event is named and coloured. */
const KINDS = /** @type {const} */ ({
  'utterance.received': ['received', 'stepReceived'],
  'intent.classified': ['intent', 'stepIntent'],
  'intent.not-recognised': ['intent', 'stepIntent'],
  'entities.extracted': ['entity', 'stepEntities'],
  'policy.decided': ['policy', 'stepDecision'],
  'turn.replied': ['reply', 'stepReply'],
  'turn.handed-off': ['reply', 'stepReply'],
  'turn.superseded': ['reply', 'stepReply'],
  'turn.dead-lettered': ['failed', 'stepReply'],
  'step.failed': ['failed', 'stepFailed'],
});

/** What becomes of each turn, step by step. */
export function timelineView() {
  const list = part('turns', HTMLOListElement);
  const end = keepAtEnd(part('timeline-scroll', HTMLElement));
  const empty = part('timeline-empty', HTMLElement);
  const counter = part('turn-count', HTMLElement);
  /** @type {Map<string, { card: HTMLLIElement, shown: number }>} */
  const cards = new Map();

  return {
    /**
     * Shows a turn as far as it is known; what is new moves in.
     *
     * @param {Turn} turn
     */
    show(turn) {
      empty.hidden = true;
      const before = cards.get(turn.id);
      const card = cardOf(turn, before?.shown ?? 0);
      if (before) before.card.replaceWith(card);
      else list.append(card);
      cards.set(turn.id, { card, shown: turn.steps.length });
      counter.hidden = false;
      counter.textContent = String(cards.size);
      end.added();
    },
    /** @param {string} turn */
    reveal(turn) {
      const card = cards.get(turn)?.card;
      if (!card) return;
      end.leave();
      card.scrollIntoView({ block: 'start', behavior: 'smooth' });
      card.classList.remove('revealed');
      // Begins the animation again if it is still running.
      void card.offsetWidth;
      card.classList.add('revealed');
      card.focus({ preventScroll: true });
    },
    /** Its pane has come into view: a hidden one could not follow. */
    unveiled: () => end.added(),
    clear() {
      list.replaceChildren();
      cards.clear();
      empty.hidden = false;
      counter.hidden = true;
    },
  };
}

/**
 * @param {Turn} turn
 * @param {number} shown how many of its steps were there before
 */
function cardOf(turn, shown) {
  const { ending } = turn;
  const total = Math.max(1, turn.lastMs - turn.beganMs);
  const status = ending ? ending.type : 'none';
  const head = h(
    'header',
    {},
    h('span', { class: 'number' }, say('turn', { number: turn.number })),
    h('q', {}, turn.said),
    h('span', { class: `ending e-${status.replace('turn.', '')}` }, say(known(`ending_${status}`) ?? 'ending_none')),
    ending ? h('span', { class: 'total' }, duration(turn.lastMs - turn.beganMs)) : undefined,
  );
  const steps = turn.steps.map((step, i) => stepOf(step, total, i >= shown));
  return h('li', { class: 'turn', tabindex: '-1', 'data-turn': turn.id }, head, h('ol', { class: 'steps' }, ...steps));
}

/**
 * @param {Step} step
 * @param {number} total how long the turn took
 * @param {boolean} fresh
 */
function stepOf({ event, afterMs, startMs, changes }, total, fresh) {
  const [kind, word] = KINDS[/** @type {keyof typeof KINDS} */ (event.type)] ?? ['other', undefined];
  const track = h('span', { class: 'track', 'aria-hidden': 'true' }, h('i'));
  track.style.setProperty('--from', String(Math.min(1, startMs / total)));
  track.style.setProperty('--span', String(Math.min(1, (afterMs ?? 0) / total)));
  const time = afterMs === undefined ? clock(event.time) : duration(afterMs);
  return h(
    'li',
    {
      class: `step k-${kind}${fresh ? ' fresh' : ''}`,
      'data-type': event.type,
      title: `${event.type} · ${event.position}`,
    },
    h('span', { class: 'name' }, word ? say(word) : event.type),
    h('div', { class: 'detail' }, ...detailOf(event), ...changesOf(changes)),
    h('span', { class: 'time' }, time, afterMs === undefined ? undefined : track),
  );
}

/**
 * @param {SessionEvent} event
 * @returns {readonly Node[]}
 */
function detailOf({ type, data }) {
  switch (type) {
    case 'utterance.received':
      return [
        h(
          'p',
          { class: 'plain' },
          data.payload ? `${say('pressed')} ` : '',
          data.payload ? code(data.payload) : tongue(data.locale),
        ),
      ];
    case 'intent.classified':
      return [
        ranking([{ intent: data.intent, confidence: data.confidence }, ...data.others.filter(worthSaying)], true),
        model(data.model),
      ];
    case 'intent.not-recognised':
      return [
        h('p', { class: 'strong' }, say('notRecognised')),
        ranking(data.best.filter(worthSaying), false),
        model(data.model),
      ];
    case 'entities.extracted':
      return data.entities.length === 0
        ? [h('p', { class: 'plain' }, say('noEntities'))]
        : [h('p', { class: 'chips' }, ...data.entities.map((/** @type {any} */ e) => pair(e.entity, meant(e))))];
    case 'policy.decided':
      return [
        h('p', { class: 'strong' }, actText({ ...data.act, response: data.says.at(-1)?.response ?? '' })),
        h('p', { class: 'plain' }, reason(data.why, data.act), ' ', code(data.why.rule)),
      ];
    case 'turn.replied':
    case 'turn.handed-off':
      return data.messages.map((/** @type {any} */ m) => h('p', { class: 'quote' }, m.text));
    case 'turn.dead-lettered':
      return [h('p', { class: 'plain' }, data.reason ?? say('noAnswer'))];
    case 'turn.superseded':
      return [h('p', { class: 'plain' }, say('superseded'))];
    case 'step.failed':
      return [h('p', { class: 'plain' }, say('failedStep', { step: data.step, reason: data.reason }))];
    default:
      return [];
  }
}

/** @param {{ confidence: number }} ranked */
const worthSaying = ({ confidence }) => confidence >= 0.005;
/** @param {string} locale */
const tongue = (locale) => {
  try {
    return new Intl.DisplayNames(language(), { type: 'language' }).of(locale) ?? locale;
  } catch {
    return locale;
  }
};
/** @param {string} text */
const code = (text) => h('code', {}, text);
/** @param {string} name */
const model = (name) => h('p', { class: 'model' }, name);
/**
 * What was said, and what a program takes from it where that is something else.
 * @param {{ value: string, normalised?: string }} entity
 */
const meant = ({ value, normalised = value }) => (normalised === value ? value : `${value} → ${normalised}`);

/**
 * @param {string} name
 * @param {string} value
 */
const pair = (name, value) => h('span', { class: 'pair' }, h('b', {}, name), h('span', {}, value));

/**
 * What was thought of, with how sure it was; the first one is what counts, if anything does.
 *
 * @param {readonly { intent: string, confidence: number }[]} ranked
 * @param {boolean} chosen
 */
function ranking(ranked, chosen) {
  const rows = ranked.map(({ intent, confidence }, i) => {
    const percent = Math.round(confidence * 100);
    const meter = h(
      'span',
      { class: 'meter', role: 'meter', 'aria-valuenow': String(percent), 'aria-label': intent },
      h('i'),
    );
    meter.style.setProperty('--sure', String(confidence));
    const first = chosen && i === 0 ? { class: 'chosen' } : {};
    return h(
      'li',
      first,
      h('span', { class: 'intent' }, intent),
      meter,
      h('span', { class: 'percent' }, `${percent} %`),
    );
  });
  return h('ol', { class: 'ranking' }, ...rows);
}

/**
 * What the bot decided to do, in words.
 *
 * @param {Record<string, string> & { kind: string }} act
 */
export function actText(act) {
  const word = known(`act_${act.kind}`);
  return word ? say(word, act) : act.kind;
}

/**
 * @param {{ rule: string, intent?: string }} why
 * @param {Record<string, string>} act
 */
function reason(why, act) {
  const word = known(`rule_${why.rule}`);
  const intent = act['flow'] ?? why.intent ?? '';
  return word ? say(word, { intent }) : say('rule_other', { rule: why.rule });
}

/**
 * @param {readonly Change[]} changes
 * @returns {readonly Node[]}
 */
function changesOf(changes) {
  if (changes.length === 0) return [];
  const rows = changes.map(({ kind, name, before, after }) => {
    /** @param {string} value */
    const shown = (value) =>
      kind === 'phase' ? say(known(`phase_${value}`) ?? 'unset') : value === '' ? say('unset') : value;
    return h(
      'li',
      {},
      h('span', { class: 'what' }, kind === 'slot' ? name : say(known(`change_${kind}`) ?? 'unset')),
      h('del', { 'aria-label': say('before') }, shown(before)),
      h('ins', { 'aria-label': say('after') }, shown(after)),
    );
  });
  return [h('ul', { class: 'changes' }, ...rows)];
}

/** @param {number} ms */
function duration(ms) {
  if (ms < 1) return '<1 ms';
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(ms < 10_000 ? 1 : 0)} s`;
}

/** @param {string} time */
const clock = (time) => new Date(time).toLocaleTimeString(language() === 'zh' ? 'zh-CN' : 'en-GB', { hour12: false });
