// @ts-check
/** @import { SessionEvent, FollowState } from './sse.js' */
/** @import { Said } from './chat.js' */
import { headers, history, liveUrl, open, post, Refused } from './api.js';
import { callView } from './call.js';
import { chatView } from './chat.js';
import { composer } from './composer.js';
import { h, icon, part } from './dom.js';
import { nameSession, panes, speakChosen } from './frame.js';
import { keyDialog } from './key-dialog.js';
import { follow } from './sse.js';
import { session as kept } from './store.js';
import { storyView } from './story.js';
import { timelineView } from './timeline.js';
import { language, say } from './words.js';

const state = part('state', HTMLElement);

const timeline = timelineView();
const chat = chatView({
  onPress: ({ title, payload }) => void send({ text: title, payload }),
  onWhy(turn) {
    pane('timeline');
    timeline.reveal(turn);
  },
});
const story = storyView({ chat, timeline });

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
/** @type {Promise<void> | undefined} The session that is being opened. */
let opening;
let listening = new AbortController();

// --- What happens in the session ------------------------------------------------------------------------------------

/**
 * @param {SessionEvent} event
 * @param {boolean} isNow it was not read afterwards
 */
function happened(event, isNow) {
  if (!story.take(event)) return;
  call.show(event, isNow);
  if (event.type === 'session.closed' || event.type === 'session.resumed') composing();
}

/** @param {string} id */
function listen(id) {
  session = id;
  kept.set(id);
  nameSession(id);
  listening.abort();
  listening = new AbortController();
  const { signal } = listening;
  void follow({
    url: liveUrl(id),
    headers,
    after: story.position,
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
  story.clear();
  connection({ kind: 'idle' });
  nameSession('');
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
  part('microphone', HTMLButtonElement).disabled = story.isClosed;
  field.allow({ disabled: story.isClosed, placeholder: say(story.isClosed ? 'placeholderClosed' : 'placeholder') });
}

// --- The frame ------------------------------------------------------------------------------------------------------

const keys = keyDialog(() => void resume());

const pane = panes(/** @type {const} */ (['chat', 'timeline']), (shown) => {
  if (shown === 'timeline') timeline.unveiled();
});

/** Shows everything in the chosen language. */
function redraw() {
  call.words();
  part('suggestions', HTMLUListElement).replaceChildren(
    ...[say('suggestion1'), say('suggestion2'), say('suggestion3'), say('suggestion4')].map((text) =>
      h('li', {}, h('button', { type: 'button', click: () => void send({ text }) }, text)),
    ),
  );
  story.again();
  const kind = /** @type {any} */ (state.dataset['kind'] ?? 'idle');
  part('state-text', HTMLElement).textContent = say(kind);
  nameSession(session);
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
// A link to another session was opened in this tab.
addEventListener('hashchange', () => {
  if (kept.get() !== session) void resume();
});

speakChosen(redraw);
void resume();
if (matchMedia('(hover: hover)').matches) field.focus();
