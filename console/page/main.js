// @ts-check
/** @import { SessionEvent, FollowState } from './sse.js' */
/** @import { Said } from './chat.js' */
import { headers, history, liveUrl, open, post, Refused } from './api.js';
import { callView } from './call.js';
import { chatView } from './chat.js';
import { composer } from './composer.js';
import { h, icon, part } from './dom.js';
import { keyDialog } from './key-dialog.js';
import { label } from './label.js';
import { emptyModel, take } from './model.js';
import { follow } from './sse.js';
import { chosenLanguage, session as kept } from './store.js';
import { timelineView } from './timeline.js';
import { language, preferred, say, speak } from './words.js';

const state = part('state', HTMLElement);
const languageButton = part('language', HTMLButtonElement);

const timeline = timelineView();
const chat = chatView({
  onPress: ({ title, payload }) => void send({ text: title, payload }),
  onWhy(turn) {
    pane('timeline');
    timeline.reveal(turn);
  },
});

const field = composer({
  onSend: (text) => void send({ text }),
  onWriting: () => void ensureSession().catch(() => undefined),
});

const call = callView({
  async session() {
    await ensureSession();
    return session;
  },
});

let session = '';
let model = emptyModel();
/** @type {SessionEvent[]} Everything shown, to show it again in the other language. */
let events = [];
/** @type {Promise<void> | undefined} The session that is being opened. */
let opening;
let listening = new AbortController();

// --- What happens in the session ------------------------------------------------------------------------------------

/**
 * @param {SessionEvent} event
 * @param {boolean} isNow it was not read afterwards
 */
function happened(event, isNow) {
  if (event.position <= model.position) return;
  events.push(event);
  show(event);
  call.show(event, isNow);
}

/** @param {SessionEvent} event */
function show(event) {
  const turn = take(model, event);
  chat.show(event);
  if (turn) timeline.show(turn);
  if (event.type === 'session.closed' || event.type === 'session.resumed') composing();
}

/** @param {string} id */
function listen(id) {
  session = id;
  kept.set(id);
  naming();
  listening.abort();
  listening = new AbortController();
  const { signal } = listening;
  void follow({
    url: liveUrl(id),
    headers,
    after: model.position,
    signal,
    onEvent: (event) => happened(event, true),
    onPartial: call.partial,
    onState(now) {
      if (!signal.aborted) connection(now);
    },
  });
}

/** @param {FollowState | { kind: 'idle' | 'gone' }} now */
function connection(now) {
  state.dataset['kind'] = now.kind;
  part('state-text', HTMLElement).textContent = say(now.kind);
  if (now.kind === 'refused' && now.status === 401) keys.ask(say('keyNeeded'));
}

/** Takes up the session of an earlier visit, if there is one. */
async function resume() {
  const id = kept.get();
  reset();
  if (id === '') return;
  connection({ kind: 'connecting' });
  try {
    for (const event of await history(id)) happened(event, false);
    listen(id);
  } catch (error) {
    const status = error instanceof Refused ? error.status : 0;
    if (status === 401) keys.ask(say('keyNeeded'));
    else if (status === 404 || status === 400) {
      kept.set('');
      connection({ kind: 'gone' });
    } else listen(id);
  }
}

function reset() {
  listening.abort();
  call.leave();
  session = '';
  opening = undefined;
  model = emptyModel();
  events = [];
  chat.clear();
  timeline.clear();
  connection({ kind: 'idle' });
  naming();
  composing();
}

// --- Saying something -----------------------------------------------------------------------------------------------

/** Opens a session with the first letter, so that everything is warm when the sentence is there. */
function ensureSession() {
  if (session !== '') return Promise.resolve();
  opening ??= open(language())
    .then(({ session: id }) => {
      listen(id);
    })
    .finally(() => {
      opening = undefined;
    });
  return opening;
}

/** @param {Said} said */
async function send(said) {
  const draft = chat.draft(said);
  const key = crypto.randomUUID();
  const attempt = async () => {
    try {
      await ensureSession();
      const { id } = await post(session, said, key);
      chat.sent(draft, id);
    } catch (error) {
      const refused = error instanceof Refused ? error : new Refused(0, '');
      if (refused.status === 401) keys.ask(say('keyNeeded'));
      const why = refused.status === 0 ? say('unreachable') : say('problem', { text: refused.message });
      chat.failed(draft, why, () => void attempt());
    }
  };
  await attempt();
}

/** Whether and what can be said now. */
function composing() {
  const closed = model.state.phase === 'closed';
  part('microphone', HTMLButtonElement).disabled = closed;
  field.allow({ disabled: closed, placeholder: say(closed ? 'placeholderClosed' : 'placeholder') });
}

// --- The frame ------------------------------------------------------------------------------------------------------

const keys = keyDialog(() => void resume());

/** @param {'chat' | 'timeline'} which */
function pane(which) {
  document.body.dataset['pane'] = which;
  for (const name of /** @type {const} */ (['chat', 'timeline'])) {
    part(`show-${name}`, HTMLButtonElement).setAttribute('aria-pressed', String(name === which));
  }
  if (which === 'timeline') timeline.unveiled();
}

function naming() {
  part('session-text', HTMLElement).replaceChildren(
    ...(session === '' ? [] : [`${say('session')} `, h('code', {}, session)]),
  );
}

/** Shows everything in the chosen language. */
function redraw() {
  label();
  call.words();
  languageButton.textContent = say('languageName');
  part('suggestions', HTMLUListElement).replaceChildren(
    ...[say('suggestion1'), say('suggestion2'), say('suggestion3'), say('suggestion4')].map((text) =>
      h('li', {}, h('button', { type: 'button', click: () => void send({ text }) }, text)),
    ),
  );
  const unsent = chat.pending();
  const all = events;
  const before = model.position;
  model = emptyModel();
  chat.clear();
  timeline.clear();
  for (const event of all) show(event);
  model.position = Math.max(before, model.position);
  chat.restore(unsent);
  const kind = /** @type {any} */ (state.dataset['kind'] ?? 'idle');
  part('state-text', HTMLElement).textContent = say(kind);
  naming();
  composing();
}

part('key', HTMLButtonElement).append(icon('key'));
part('key', HTMLButtonElement).addEventListener('click', () => keys.ask());
part('fresh', HTMLButtonElement).addEventListener('click', () => {
  kept.set('');
  reset();
  pane('chat');
  field.focus();
});
part('show-chat', HTMLButtonElement).addEventListener('click', () => pane('chat'));
part('show-timeline', HTMLButtonElement).addEventListener('click', () => pane('timeline'));
languageButton.addEventListener('click', () => {
  speak(language() === 'en' ? 'zh' : 'en');
  chosenLanguage.set(language());
  redraw();
});
// A link to another session was opened in this tab.
addEventListener('hashchange', () => {
  if (kept.get() !== session) void resume();
});

const chosen = chosenLanguage.get();
speak(chosen === 'en' || chosen === 'zh' ? chosen : preferred());
redraw();
void resume();
if (matchMedia('(hover: hover)').matches) field.focus();
