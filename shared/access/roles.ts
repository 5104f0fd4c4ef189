import { stepFailed } from '../../events/understanding.ts';
import { turnDeadLettered } from '../../events/turn.ts';
import { emittedTypes } from '../function/define.ts';
import { CONVERSATIONS, STREAMS, TIMERS } from '../log/streams.ts';
import { TICKS } from '../log/timers.ts';
import { typeSubject } from '../log/subjects.ts';
import type { Group } from '../runtime/chain.ts';
import { durableOf } from '../runtime/pull.ts';
import type { BrokerUser } from '../broker/config.ts';

/** What a process may be: its name is its user, and the prefix of its inbox. */
export interface Role {
  readonly user: string;
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

/** Replies reach nobody but the one who asked: each user has an inbox prefix of its own. */
export const inboxOf = (user: string): string => `_INBOX_${user}`;

const API = '$JS.API';
const READ_LOG = [
  `${API}.INFO`,
  `${API}.DIRECT.GET.${CONVERSATIONS}`,
  `${API}.STREAM.MSG.GET.${CONVERSATIONS}`,
  ...STREAMS.map((stream) => `${API}.STREAM.INFO.${stream}`),
  `${API}.DIRECT.GET.BOTS.>`,
];
/** Data keys of sessions are read, made and, by a tombstone, destroyed by whoever appends. */
const KEYS = ['key.>', `${API}.DIRECT.GET.KEYS.>`];

/** Pulling from one durable consumer, and nothing that creates or changes consumers. */
const pull = (stream: string, durable: string): readonly string[] => [
  `${API}.CONSUMER.INFO.${stream}.${durable}`,
  `${API}.CONSUMER.MSG.NEXT.${stream}.${durable}`,
  // The form of acknowledgements changes with the server's version; only who was delivered to knows the subject.
  '$JS.ACK.>',
];

/** Posts what comes from outside, and reads conversations. Cannot pretend that a function has spoken. */
export const gatewayRole: Role = {
  user: 'gateway',
  publish: [
    ...['session.opened', 'session.resumed', 'utterance.received', 'control.requested'].map(typeSubject),
    ...READ_LOG,
    ...KEYS,
    `${API}.DIRECT.GET.DEPARTED.>`,
  ],
  subscribe: ['bell.>', 'erased.>', `${inboxOf('gateway')}.>`],
};

/** Provisions, verifies, erases: for operators' commands, never for a process that takes requests. */
export const operatorRole: Role = { user: 'operator', publish: ['>'], subscribe: ['>'] };

/** Exactly what the functions of a group emit and consume. */
export function groupRole(group: Group): Role {
  const types = new Set([...group.functions.flatMap(emittedTypes), stepFailed.type, turnDeadLettered.type]);
  return {
    user: group.name,
    publish: [
      ...[...types].map(typeSubject),
      ...READ_LOG,
      ...KEYS,
      ...pull(CONVERSATIONS, durableOf(group)),
      'dead.>',
      'timer.>',
    ],
    subscribe: ['erased.>', `${inboxOf(group.name)}.>`],
  };
}

/** Turns ticks of the server's clock into events. */
export const timerRole: Role = {
  user: 'timer',
  publish: [typeSubject('timer.fired'), ...READ_LOG, ...KEYS, ...pull(TIMERS, TICKS)],
  subscribe: ['erased.>', `${inboxOf('timer')}.>`],
};

/** A role with the password that it connects with. */
export const brokerUser = (role: Role, password: string): BrokerUser => ({ ...role, password });
