// @ts-check
/** @import { SessionEvent } from './sse.js' */
/** @import { Timeline } from './story.js' */
import { control, eventsUrl, headers, history, Refused, writeAs } from './api.js';
import { composer } from './composer.js';
import { deskChat } from './desk-chat.js';
import { placeAfter, placeText, WITH_BOT } from './desk-place.js';
import { part } from './dom.js';
import { nameSession } from './frame.js';
import { follow } from './sse.js';
import { storyView } from './story.js';
import { say } from './words.js';

/**
 * The conversation that an agent looks at, and what they can do with it.
 *
 * @param {{ timeline: Timeline, me: () => string, onRead: (session: string, position: number) => void }} options
 */
export function deskConversation({ timeline, me, onRead }) {
  const trouble = part('trouble', HTMLElement);
  const chat = deskChat();
  const story = storyView({ chat, timeline });
  const field = composer({ onSend: (text) => void send(text) });

  let session = '';
  let place = WITH_BOT;
  let listening = new AbortController();

  /** @param {string} id */
  async function look(id) {
    listening.abort();
    listening = new AbortController();
    const { signal } = listening;
    session = id;
    place = WITH_BOT;
    story.clear();
    trouble.hidden = true;
    nameSession(id);
    show();
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
      after: story.position,
      signal,
      onEvent: (event) => {
        if (signal.aborted) return;
        happened(event);
        seen();
      },
      onState: () => undefined,
    });
  }

  /** @param {SessionEvent} event */
  function happened(event) {
    if (!story.take(event)) return;
    place = placeAfter(place, event);
    show();
  }

  /** What is shown is read, unless nobody looks. */
  function seen() {
    if (session !== '' && !document.hidden) onRead(session, story.position);
  }
  document.addEventListener('visibilitychange', seen);

  /** Shows what can be done with the conversation as it stands. */
  function show() {
    const mine = place.phase === 'taken' && place.agent === me();
    part('case', HTMLElement).hidden = session === '';
    part('case-text', HTMLElement).textContent = placeText(place, mine);
    part('accept', HTMLElement).hidden = place.phase !== 'waiting';
    part('hand-back', HTMLElement).hidden = !mine;
    part('close', HTMLElement).hidden = !mine;
    const placeholder = say(place.phase === 'closed' ? 'placeholderClosed' : mine ? 'replyHere' : 'acceptFirst');
    if (field.allow({ disabled: !mine, placeholder })) field.focus();
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
    const draft = chat.draft(text, me());
    const key = crypto.randomUUID();
    const attempt = async () => {
      try {
        draft.id = (await writeAs(id, text, me(), key)).id;
      } catch (error) {
        chat.failed(draft, whyOf(error), () => void attempt());
      }
    };
    await attempt();
  }

  return {
    get session() {
      return session;
    },
    look,
    show,
    /** Tells all of it again, in the language that is spoken now. */
    again() {
      story.again();
      nameSession(session);
    },
    /**
     * Does something with a conversation: this one, unless another is named. Returns whether it was done.
     *
     * @param {'take' | 'hand-back' | 'close'} what
     */
    async command(what, id = session) {
      trouble.hidden = true;
      try {
        await control(id, what, me(), crypto.randomUUID());
        return true;
      } catch (error) {
        problem(error);
        return false;
      }
    },
  };
}
