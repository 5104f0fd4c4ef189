import { createInterface } from 'node:readline';
import { follow, type FollowState, type SessionEvent } from '../console/page/sse.js';
import type { Message } from '../events/fields.ts';
import { PlatformError } from '../shared/errors/index.ts';
import { placesOf, type GivenPlaces } from './config.ts';
import { gatewayAt, type Gateway } from './gateway.ts';
import { harmless, paint, print } from './terminal.ts';

const ANSWER_LIMIT_MS = 30_000;

export interface ChatOptions extends GivenPlaces {
  /** A session to continue. */
  readonly session?: string;
  readonly locale?: string;
}

type Button = Message['buttons'][number];

/** Talks with a running platform: at a terminal line by line, otherwise with the lines of standard input. */
export async function chat(options: ChatOptions): Promise<void> {
  const { url, apiKey } = await placesOf(options);
  const gateway = gatewayAt(url, apiKey);
  const told = options.session === undefined ? [] : await gateway.history(options.session);
  const session = options.session ?? (await gateway.open(options.locale)).session;
  const after = told.at(-1)?.position ?? 0;
  const conversation = listen(gateway, session, after);
  try {
    if (process.stdin.isTTY) await atTerminal(conversation, told, options);
    else await overPipe(conversation, options);
  } finally {
    conversation.stop();
  }
}

/** A session that is being listened to. */
interface Conversation {
  readonly session: string;
  readonly say: (text: string, locale: string | undefined, button?: Button) => Promise<string>;
  /** Called with each event as it happens. */
  readonly hear: (listener: (event: SessionEvent) => void) => void;
  readonly state: (listener: (state: FollowState) => void) => void;
  /** The event that ends a turn. */
  readonly ending: (turn: string) => Promise<SessionEvent>;
  readonly stop: () => void;
}

function listen(gateway: Gateway, session: string, after: number): Conversation {
  const stop = new AbortController();
  const endings = new Map<string, SessionEvent>();
  const hearers: ((event: SessionEvent) => void)[] = [];
  const watchers: ((state: FollowState) => void)[] = [];
  void follow({
    url: gateway.eventsUrl(session),
    headers: gateway.headers,
    after,
    signal: stop.signal,
    onEvent(event) {
      if (event.type.startsWith('turn.') && event.turn !== undefined) endings.set(event.turn, event);
      for (const hear of hearers) hear(event);
    },
    onState(state) {
      for (const watch of watchers) watch(state);
    },
  });
  return {
    session,
    say: async (text, locale, button) =>
      (await gateway.say(session, { text, ...(locale && { locale }), ...(button && { payload: button.payload }) })).id,
    hear: (listener) => void hearers.push(listener),
    state: (listener) => void watchers.push(listener),
    ending: (turn) =>
      new Promise((resolve, reject) => {
        const ended = endings.get(turn);
        if (ended) {
          resolve(ended);
          return;
        }
        const late = setTimeout(() => {
          const message = `no answer within ${ANSWER_LIMIT_MS / 1_000} s`;
          reject(new PlatformError('gateway.silent', message, { retry: 'later' }));
        }, ANSWER_LIMIT_MS);
        hearers.push((event) => {
          if (event.turn !== turn || !event.type.startsWith('turn.')) return;
          clearTimeout(late);
          resolve(event);
        });
      }),
    stop: () => {
      stop.abort();
    },
  };
}

/** Each line of standard input is said, and its answer printed before the next one is. */
async function overPipe(conversation: Conversation, { locale }: ChatOptions): Promise<void> {
  process.stderr.write(`session ${conversation.session}\n`);
  let buttons: readonly Button[] = [];
  for await (const line of createInterface({ input: process.stdin })) {
    if (line.trim() === '') continue;
    const button = chosen(buttons, line);
    const turn = await conversation.say(button?.title ?? line, locale, button);
    const shown = shownOf(await conversation.ending(turn), 1);
    for (const text of shown.lines) print(text);
    buttons = shown.buttons;
  }
}

async function atTerminal(
  conversation: Conversation,
  told: readonly SessionEvent[],
  { locale }: ChatOptions,
): Promise<void> {
  print(paint('dim', `Session ${conversation.session}. A number presses a button, Ctrl-D leaves.`));
  const terminal = createInterface({ input: process.stdin, output: process.stdout, prompt: paint('cyan', '› ') });
  let buttons: readonly Button[] = [];
  const show = (event: SessionEvent) => {
    const shown = shownOf(event, 1);
    if (shown.lines.length === 0) return;
    // Whatever is being typed moves down and stays.
    process.stdout.write('\r\u001b[K');
    for (const line of shown.lines) print(line);
    buttons = shown.buttons;
    terminal.prompt(true);
  };
  for (const event of told) {
    if (event.type === 'utterance.received')
      print(paint('dim', `› ${harmless((event.data as { text: string }).text)}`));
    else show(event);
  }
  conversation.hear(show);
  conversation.state((state) => {
    if (state.kind === 'waiting') process.stderr.write(paint('yellow', '\r… waiting for the platform\n'));
  });
  terminal.prompt();
  for await (const line of terminal) {
    if (line.trim() === '') {
      terminal.prompt();
      continue;
    }
    const button = chosen(buttons, line);
    if (button) print(paint('dim', `› ${harmless(button.title)}`));
    await conversation.say(button?.title ?? line, locale, button);
  }
  print();
  print(paint('dim', `Come back with: turnstream chat --session ${conversation.session}`));
}

const chosen = (buttons: readonly Button[], line: string): Button | undefined =>
  /^\d{1,2}$/u.test(line.trim()) ? buttons[Number(line) - 1] : undefined;

interface Shown {
  readonly lines: readonly string[];
  readonly buttons: readonly Button[];
}

/** What an event means to the customer, as lines. Buttons are numbered from `first` on. */
function shownOf({ type, data }: SessionEvent, first: number): Shown {
  const { messages = [], reason } = data as { readonly messages?: readonly Message[]; readonly reason?: string };
  switch (type) {
    case 'turn.replied':
    case 'turn.handed-off':
    case 'customer.reminded': {
      const buttons = messages.flatMap((m) => m.buttons);
      const options = buttons.map(({ title }, i) => `${paint('cyan', String(first + i))} ${harmless(title)}`);
      const note = type === 'turn.handed-off' && messages.length === 0 ? ['(a person has the conversation)'] : [];
      return {
        lines: [
          ...messages.map(({ text }) => harmless(text)),
          ...note.map((text) => paint('dim', text)),
          ...(options.length > 0 ? [`  ${options.join('   ')}`] : []),
        ],
        buttons,
      };
    }
    case 'agent.replied':
      return { lines: messages.map(({ text }) => harmless(text)), buttons: messages.flatMap((m) => m.buttons) };
    case 'turn.dead-lettered':
      return { lines: [paint('red', `(no answer: ${reason ?? 'unknown'})`)], buttons: [] };
    case 'session.closed':
      return { lines: [paint('dim', '(the conversation was closed)')], buttons: [] };
    default:
      return { lines: [], buttons: [] };
  }
}
