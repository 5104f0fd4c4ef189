// @ts-check
/** @import { FollowState } from './sse.js' */
/** @import { Queue } from './desk-queue.js' */
import { deskQueue, headers, QUEUE_URL, Refused } from './api.js';
import { deskAgent } from './desk-agent.js';
import { deskConversation } from './desk-conversation.js';
import { queueView } from './desk-queue.js';
import { icon, part } from './dom.js';
import { panes, speakChosen } from './frame.js';
import { keyDialog } from './key-dialog.js';
import { follow } from './sse.js';
import { timelineView } from './timeline.js';
import { say } from './words.js';

const agent = deskAgent(show);
const timeline = timelineView();
const conversation = deskConversation({
  timeline,
  me: () => agent.name,
  onRead: (session, position) => queueList.read(session, position),
});
const queueList = queueView({ onPick: look });
const pane = panes(/** @type {const} */ (['queue', 'chat', 'timeline']), (shown) => {
  if (shown === 'timeline') timeline.unveiled();
});
const keys = keyDialog(() => {
  agent.anotherKey();
  void enter();
});

/** @type {Queue} */
let queue = { position: 0, waiting: [], total: 0, taken: [] };
let watching = new AbortController();

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
  agent.ask();
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
  agent.known(next.agent?.name);
  show();
}

/** Shows everything that depends on who looks at it. */
function show() {
  agent.show();
  conversation.show();
  queueList.show(queue, agent.name);
}

/** @param {FollowState} now */
function connection(now) {
  part('state', HTMLElement).dataset['kind'] = now.kind;
  part('state-text', HTMLElement).textContent = say(now.kind);
}

// --- One conversation -----------------------------------------------------------------------------------------------

/** @param {string} session */
function look(session) {
  pane('chat');
  if (session === conversation.session) return;
  location.replace(`#s=${session}`);
  queueList.pick(session);
  void conversation.look(session);
}

/** Takes the first of those who wait that no other agent is faster to take. */
async function acceptNext() {
  for (const { session } of queue.waiting) {
    if (await conversation.command('take', session)) return look(session);
  }
}

// --- The frame ------------------------------------------------------------------------------------------------------

/** @type {Readonly<Record<string, [HTMLButtonElement, () => unknown]>>} */
const shortcuts = {
  KeyN: [part('accept-next', HTMLButtonElement), acceptNext],
  KeyA: [part('accept', HTMLButtonElement), () => conversation.command('take')],
  KeyB: [part('hand-back', HTMLButtonElement), () => conversation.command('hand-back')],
  KeyC: [part('close', HTMLButtonElement), () => conversation.command('close')],
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

/** Looks at the conversation that the address names. */
function lookAtNamed() {
  const session = /^#s=([0-9A-Za-z]{26,32})$/u.exec(location.hash)?.[1];
  if (session !== undefined && session !== conversation.session) look(session);
}
addEventListener('hashchange', lookAtNamed);

speakChosen(() => {
  conversation.again();
  connection(/** @type {any} */ ({ kind: part('state', HTMLElement).dataset['kind'] ?? 'idle' }));
  show();
});
void enter();
lookAtNamed();
