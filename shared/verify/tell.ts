import type { ConversationEvent } from '../../events/catalogue.ts';
import type { Ending, Recognised, Step, ToldDecision, ToldEvent, ToldTurn } from './story.ts';
import { tellCall } from './tell-call.ts';

/** Tells a turn from its events. */
export function tellTurn(
  turn: string,
  events: readonly ConversationEvent[],
  decisions: ReadonlyMap<number, ToldDecision>,
): ToldTurn {
  const [first] = events;
  const opening = events.find((e) => e.type === 'utterance.received');
  const { text = '', locale = '', payload } = opening?.data ?? {};
  return {
    kind: 'turn',
    turn,
    position: first?.position ?? 0,
    time: first?.time ?? '',
    said: { text, locale, ...(payload !== undefined && { payload }) },
    recognised: recognisedIn(events),
    entities: events.find((e) => e.type === 'entities.extracted')?.data.entities ?? [],
    failed: events.flatMap((e) =>
      e.type === 'step.failed' ? [{ step: e.data.step, reason: e.data.reason, position: e.position }] : [],
    ),
    decisions: events.flatMap((e) => decisions.get(e.position) ?? []),
    ending: endingIn(events),
    steps: stepsOf(events),
  };
}

/** Tells an event that belongs to no turn. */
export function tellEvent(event: ConversationEvent, decisions: ReadonlyMap<number, ToldDecision>): ToldEvent {
  const { position, time, type, emitter } = event;
  const decision = decisions.get(position);
  const call = tellCall(event);
  return {
    kind: 'event',
    position,
    time,
    type,
    emitter,
    ...(decision && { decision }),
    ...(event.type === 'customer.reminded' && { messages: event.data.messages }),
    ...(event.type === 'agent.replied' && { messages: event.data.messages, agent: event.data.agent }),
    ...(call && { call }),
  };
}

/** The first fact of a kind counts, as it does in the fold. */
function recognisedIn(events: readonly ConversationEvent[]): Recognised {
  for (const event of events) {
    if (event.type === 'intent.classified') return { kind: 'classified', ...event.data };
    if (event.type === 'intent.not-recognised') return { kind: 'not-recognised', ...event.data };
  }
  return { kind: 'nothing' };
}

function endingIn(events: readonly ConversationEvent[]): Ending | undefined {
  for (const event of events) {
    const { position } = event;
    switch (event.type) {
      case 'turn.replied':
        return { type: event.type, position, messages: event.data.messages };
      case 'turn.handed-off':
        return { type: event.type, position, messages: event.data.messages, reason: event.data.reason };
      case 'turn.superseded':
        return { type: event.type, position, by: event.data.by };
      case 'turn.dead-lettered':
        return { type: event.type, position, ...event.data };
      default:
    }
  }
  return undefined;
}

function stepsOf(events: readonly ConversationEvent[]): readonly Step[] {
  const times = new Map<string | number, number>(
    events.flatMap(({ id, position, time }) => [
      [id, Date.parse(time)],
      [position, Date.parse(time)],
    ]),
  );
  return events.map(({ position, type, emitter, time, causation, basis }) => {
    // A decision begins with the last thing that it had to wait for.
    const since = times.get(basis ?? '') ?? times.get(causation ?? '');
    return { position, type, emitter, afterMs: since === undefined ? undefined : Date.parse(time) - since };
  });
}
