// @ts-check
/** @import { SessionEvent, FollowState } from './sse.js' */
/** @import { Queue } from './desk-queue.js' */
import { control, deskQueue, eventsUrl, headers, history, QUEUE_URL, Refused, writeAs } from './api.js';
import { composer } from './composer.js';
import { deskChat } from './desk-chat.js';
import { placeAfter, placeText, WITH_BOT } from './desk-place.js';
import { queueView } from './desk-queue.js';
import { h, icon, part } from './dom.js';
import { keyDialog } from './key-dialog.js';
import { label } from './label.js';
import { emptyModel, take } from './model.js';
import { follow } from './sse.js';
import { agentName, chosenLanguage } from './store.js';
import { timelineView } from './timeline.js';
import { language, preferred, say, speak } from './words.js';

const PANES = /** @type {const} */ (['queue', 'chat', 'timeline']);

const languageButton = part('language', HTMLButtonElement);
const nameButton = part('name', HTMLButtonElement);
const nameDialog = part('name-dialog', HTMLDialogElement);
const trouble = part('trouble', HTMLElement);

const timeline = timelineView();
const chat = deskChat();
const field = composer({ onSend: (text) => void send(text) });
const queueList = queueView({ onPick: (id) => void look(id) });

/** @type {Queue} */
let queue = { position: 0, waiting: [], total: 0, taken: [] };
let me = '';
/** The name belongs to the key, and cannot be chosen. */
let named = false;

let session = '';
let model = emptyModel();
/** @type {SessionEvent[]} */
let events = [];
let place = WITH_BOT;
let watching = new AbortController();
let listening = new AbortController();

// --- The queue ------------------------------------------------------------------------------------------------------

async function enter() {
  watching.abort();
  watching = new AbortController();
  const { signal } = watching;
  connection({ kind: 'connecting' });
  try {
    arrived(await deskQueue());
  } catch (error) {
    const status = error instanceof Refused ? error.status : 0;
    if (status === 401) keys.ask(say('keyNeeded'));
    else if (status === 403) keys.ask(say('deskRefused'));
    if (status === 401 || status === 403) return connection({ kind: 'refused', status });
  }
  if (me === '') nameDialog.showModal();
  void follow({
    url: QUEUE_URL,
    headers,
    after: 0,
    signal,
    onEvent: (event) => arrived(/** @type {any} */ (event)),
    onState(now) {
      if (!signal.aborted) connection(now);
    },
  });
}

/** @param {Queue} next */
function arrived(next) {
  queue = next;
  if (next.agent) {
    me = next.agent.name;
    named = true;
  } else if (!named) me = agentName.get();
  iAm();
}

/** Shows everything that depends on who looks at it. */
function iAm() {
  naming();
  standing();
  queueList.show(queue, me);
}

/** Takes the first of those who wait that no other agent is faster to take. */
async function acceptNext() {
  for (const { session: id } of queue.waiting) {
    if (await command(id, 'take')) return look(id);
  }
}

/** @param {FollowState} now */
function connection(now) {
  part('state', HTMLElement).dataset['kind'] = now.kind;
  part('state-text', HTMLElement).textContent = say(now.kind);
}

// --- One conversation -----------------------------------------------------------------------------------------------

/** @param {string} id */
async function look(id) {
  if (id === session) return pane('chat');
  listening.abort();
  listening = new AbortController();
  const { signal } = listening;
  session = id;
  location.replace(`#s=${id}`);
  clear();
  queueList.pick(id);
  pane('chat');
  naming();
  try {
    for (const event of await history(id)) if (!signal.aborted) happened(event);
  } catch (error) {
    if (!signal.aborted && error instanceof Refused && error.status !== 0) return problem(error);
  }
  if (signal.aborted) return;
  seen();
  void follow({
    url: eventsUrl(id),
    headers,
    after: model.position,
    signal,
    onEvent: (event) => {
      if (signal.aborted) return;
      happened(event);
      seen();
    },
    onState: () => undefined,
  });
}

function clear() {
  model = emptyModel();
  events = [];
  place = WITH_BOT;
  chat.clear();
  timeline.clear();
  trouble.hidden = true;
  standing();
}

/** @param {SessionEvent} event */
function happened(event) {
  if (event.position <= model.position) return;
  events.push(event);
  show(event);
}

/** What is shown is read, unless nobody looks. */
function seen() {
  if (session !== '' && !document.hidden) queueList.read(session, model.position);
}

/** @param {SessionEvent} event */
function show(event) {
  const turn = take(model, event);
  chat.show(event);
  if (turn) timeline.show(turn);
  place = placeAfter(place, event);
  standing();
}

/** What can be done with the conversation as it stands. */
function standing() {
  const mine = place.phase === 'taken' && place.agent === me;
  part('case', HTMLElement).hidden = session === '';
  part('case-text', HTMLElement).textContent = placeText(place, mine);
  part('accept', HTMLElement).hidden = place.phase !== 'waiting';
  part('hand-back', HTMLElement).hidden = !mine;
  part('close', HTMLElement).hidden = !mine;
  const placeholder = say(place.phase === 'closed' ? 'placeholderClosed' : mine ? 'replyHere' : 'acceptFirst');
  if (field.allow({ disabled: !mine, placeholder })) field.focus();
}

/**
 * @param {string} id
 * @param {'take' | 'hand-back' | 'close'} what
 */
async function command(id, what) {
  trouble.hidden = true;
  try {
    await control(id, what, me, crypto.randomUUID());
    return true;
  } catch (error) {
    problem(error);
    return false;
  }
}

/** @param {unknown} error */
const whyOf = (error) =>
  error instanceof Refused && error.status !== 0 ? say('problem', { text: error.message }) : say('unreachable');

/** @param {unknown} error */
function problem(error) {
  trouble.hidden = false;
  trouble.textContent = whyOf(error);
}

/** @param {string} text */
async function send(text) {
  const id = session;
  const draft = chat.draft(text, me);
  const key = crypto.randomUUID();
  const attempt = async () => {
    try {
      draft.id = (await writeAs(id, text, me, key)).id;
    } catch (error) {
      chat.failed(draft, whyOf(error), () => void attempt());
    }
  };
  await attempt();
}

// --- The frame ------------------------------------------------------------------------------------------------------

const keys = keyDialog(() => {
  named = false;
  void enter();
});

/** @param {(typeof PANES)[number]} which */
function pane(which) {
  document.body.dataset['pane'] = which;
  for (const name of PANES) {
    part(`show-${name}`, HTMLButtonElement).setAttribute('aria-pressed', String(name === which));
  }
  if (which === 'timeline') timeline.unveiled();
}

function naming() {
  nameButton.textContent = me === '' ? say('yourName') : me;
  nameButton.disabled = named;
  part('session-text', HTMLElement).replaceChildren(
    ...(session === '' ? [] : [`${say('session')} `, h('code', {}, session)]),
  );
}

/** Shows everything in the chosen language. */
function redraw() {
  label();
  languageButton.textContent = say('languageName');
  const unsent = chat.pending();
  const [all, before] = [events, model.position];
  model = emptyModel();
  chat.clear();
  timeline.clear();
  for (const event of all) show(event);
  model.position = Math.max(before, model.position);
  chat.restore(unsent);
  connection(/** @type {any} */ ({ kind: part('state', HTMLElement).dataset['kind'] ?? 'idle' }));
  iAm();
}

/** @type {Readonly<Record<string, [HTMLButtonElement, () => unknown]>>} */
const shortcuts = {
  KeyN: [part('accept-next', HTMLButtonElement), acceptNext],
  KeyA: [part('accept', HTMLButtonElement), () => command(session, 'take')],
  KeyB: [part('hand-back', HTMLButtonElement), () => command(session, 'hand-back')],
  KeyC: [part('close', HTMLButtonElement), () => command(session, 'close')],
};
for (const [button, act] of Object.values(shortcuts)) button.addEventListener('click', () => void act());
addEventListener('keydown', (event) => {
  // By the place of the key: with Alt, some keyboards make another letter of it.
  const [button] = (event.altKey && !event.ctrlKey && shortcuts[event.code]) || [];
  if (!button || button.hidden || button.disabled) return;
  event.preventDefault();
  button.click();
});

part('key', HTMLButtonElement).append(icon('key'));
part('key', HTMLButtonElement).addEventListener('click', () => keys.ask());
nameButton.addEventListener('click', () => nameDialog.showModal());
part('name-form', HTMLFormElement).addEventListener('submit', () => {
  me = part('name-value', HTMLInputElement).value.trim();
  agentName.set(me);
  iAm();
});
for (const name of PANES) part(`show-${name}`, HTMLButtonElement).addEventListener('click', () => pane(name));
languageButton.addEventListener('click', () => {
  speak(language() === 'en' ? 'zh' : 'en');
  chosenLanguage.set(language());
  redraw();
});
document.addEventListener('visibilitychange', seen);
const named_ = () => /^#s=([0-9A-Za-z]{26,32})$/u.exec(location.hash)?.[1] ?? '';
addEventListener('hashchange', () => {
  if (named_() !== '' && named_() !== session) void look(named_());
});

const chosen = chosenLanguage.get();
speak(chosen === 'en' || chosen === 'zh' ? chosen : preferred());
redraw();
void enter();
if (named_() !== '') void look(named_());
