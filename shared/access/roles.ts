import { stepFailed } from '../../events/understanding.ts';
import { turnDeadLettered } from '../../events/turn.ts';
import { emittedPaths } from '../function/define.ts';
import {
  ARCHIVE,
  ARTEFACTS,
  AUDIO,
  BOTS,
  CONVERSATIONS,
  DEPARTED,
  DESK,
  HEARING,
  KEYS,
  KNOWLEDGE,
  MODELS,
  STREAMS,
  SUSPECTS,
  TIMERS,
} from '../log/streams.ts';
import { TICKS } from '../log/timers.ts';
import { bellSubjects, typeSubject } from '../log/subjects.ts';
import { LISTENERS, LOST_CALLS } from '../speech/provision.ts';
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
const reads = (stream: string): readonly string[] => [
  `${API}.DIRECT.GET.${stream}`,
  `${API}.DIRECT.GET.${stream}.>`,
  `${API}.STREAM.MSG.GET.${stream}`,
];
const READ_LOG = [
  `${API}.INFO`,
  ...STREAMS.map((stream) => `${API}.STREAM.INFO.${stream}`),
  ...reads(CONVERSATIONS),
  ...reads(BOTS),
];
/** The data key of a session is made by whoever appends to it first, and read by whoever reads it. */
const KEYS_OF_SESSIONS = ['key.*.*', ...reads(KEYS)];

/** Which model understands, and its bytes. Only operators say so: a function cannot promote. */
const READ_MODELS = [...reads(MODELS), ...reads(ARTEFACTS)];

/** Where it is written down which sessions wait for a person. */
const DESK_BOOK = ['desk.*.*', ...reads(DESK)];

/** Pulling from one durable consumer, and nothing that creates or changes consumers. */
export const pull = (stream: string, durable: string): readonly string[] => [
  `${API}.CONSUMER.INFO.${stream}.${durable}`,
  `${API}.CONSUMER.MSG.NEXT.${stream}.${durable}`,
  // The form of acknowledgements changes with the server's version; only who was delivered to knows the subject.
  '$JS.ACK.>',
];

/** Posts what comes from outside, and reads conversations. Cannot pretend that a function has spoken. */
export const gatewayRole: Role = {
  user: 'gateway',
  publish: [
    ...['session.opened', 'session.resumed', 'utterance.received', 'control.requested', 'agent.replied'].map(
      typeSubject,
    ),
    ...READ_LOG,
    ...KEYS_OF_SESSIONS,
    // A bot is named by the hash of its content, so publishing one cannot change another.
    'bot.*',
    ...reads(DEPARTED),
    ...reads(ARCHIVE),
    // Articles come in by the API; a tenant's are told apart by its token, as its sessions are.
    'article.*.*.*.*',
    ...reads(KNOWLEDGE),
    ...DESK_BOOK,
  ],
  subscribe: ['bell.>', 'erased.>', 'desked.>', 'partial.>', `${inboxOf('gateway')}.>`],
};

/** Provisions, verifies, erases: for operators' commands, never for a process that takes requests. */
export const operatorRole: Role = { user: 'operator', publish: ['>'], subscribe: ['>'] };

/** What is written down of a durable consumer's deliveries: those nobody can use, and those a process may have died of. */
const books = (durable: string): readonly string[] => [
  `dead.*.${durable}`,
  `suspect.${durable}.*`,
  `${API}.DIRECT.GET.${SUSPECTS}.suspect.${durable}.*`,
];

/** Exactly what the functions of a group emit and consume. */
export function groupRole(group: Group): Role {
  const types = new Set([...group.functions.flatMap(emittedPaths), stepFailed.type, turnDeadLettered.type]);
  return {
    user: group.name,
    publish: [
      ...[...types].map(typeSubject),
      ...READ_LOG,
      ...KEYS_OF_SESSIONS,
      ...pull(CONVERSATIONS, durableOf(group)),
      ...books(durableOf(group)),
      ...(group.functions.some(({ name }) => name === 'reply') ? ['timer.>', ...DESK_BOOK] : []),
      ...(understands(group) || findsEntities(group) ? READ_MODELS : []),
      ...(asksKnowledge(group) ? reads(KNOWLEDGE) : []),
      ...(asksModels(group) ? ['spent.*.*'] : []),
    ],
    subscribe: ['erased.>', ...(understands(group) ? ['announced.>'] : []), `${inboxOf(group.name)}.>`],
  };
}

const asksModels = ({ functions }: Group): boolean => functions.some(({ name }) => name === 'generate');
const asksKnowledge = ({ functions }: Group): boolean => functions.some(({ name }) => name === 'knowledge');
/** Taggers are models, too; nobody promotes one, so nothing is announced. */
const findsEntities = ({ functions }: Group): boolean => functions.some(({ name }) => name === 'entity');
const understands = ({ functions }: Group): boolean => functions.some(({ name }) => name === 'intent');

/**
 * A version of a group that is tried out beside the one that serves: it reads the same conversations under a name of its
 * own, and what it says goes where no channel looks. It cannot publish a conversation's events.
 */
export function shadowRole(group: Group): Role {
  const user = `shadow-${group.name}`;
  return {
    user,
    publish: [
      `shadow.${group.name}.>`,
      ...READ_LOG,
      ...reads(KEYS),
      ...READ_MODELS,
      ...pull(CONVERSATIONS, durableOf({ ...group, name: user })),
    ],
    subscribe: ['erased.>', `${inboxOf(user)}.>`],
  };
}

/**
 * Takes the events of these groups out of the log and posts them. It can write nothing into a conversation, read none of
 * it beside what is delivered, and has no keys.
 */
export const relayRole = (groups: readonly Pick<Group, 'name'>[]): Role => ({
  user: 'relay',
  publish: [
    `${API}.INFO`,
    ...STREAMS.map((stream) => `${API}.STREAM.INFO.${stream}`),
    ...groups.map(durableOf).flatMap((durable) => [...pull(CONVERSATIONS, durable), ...books(durable)]),
  ],
  subscribe: [...bellSubjects({ types: ['session.opened'] }), `${inboxOf('relay')}.>`],
});

/** Turns ticks of the server's clock into events. */
export const timerRole: Role = {
  user: 'timer',
  publish: [typeSubject('timer.fired'), ...READ_LOG, ...KEYS_OF_SESSIONS, ...pull(TIMERS, TICKS)],
  subscribe: ['erased.>', `${inboxOf('timer')}.>`],
};

/**
 * Holds the sockets of calls: writes their sound and what happens in them, and speaks what others have said. It cannot
 * pretend that somebody spoke, only that keys were pressed, and it never reads what was heard before.
 */
export const voiceRole: Role = {
  user: 'voice',
  publish: [
    ...['session.opened', 'session.resumed', 'utterance.received'].map(typeSubject),
    ...['call.started', 'call.greeted', 'call.ended', 'digits.entered'].map(typeSubject),
    ...['playback.completed', 'playback.interrupted', 'playback.resumed'].map(typeSubject),
    ...READ_LOG,
    ...KEYS_OF_SESSIONS,
    ...reads(DEPARTED),
    ...reads(ARCHIVE),
    'bot.*',
    'audio.>',
    ...reads(AUDIO),
    'spent.*.*',
    'timer.call.>',
    ...pull(TIMERS, LOST_CALLS),
  ],
  subscribe: ['bell.>', 'erased.>', 'partial.>', `${inboxOf('voice')}.>`],
};

/** Listens to the sound of calls, and writes what was said. It can write no sound, and nothing else into a session. */
export const asrRole: Role = {
  user: 'asr',
  publish: [
    ...['speech.started', 'speech.transcribed', 'speech.not-transcribed', 'utterance.received'].map(typeSubject),
    ...READ_LOG,
    ...KEYS_OF_SESSIONS,
    ...reads(AUDIO),
    ...reads(HEARING),
    'hearing.>',
    'partial.>',
    // To another process of the same kind, which has the call at hand.
    'asr.at.*',
    ...pull(AUDIO, LISTENERS),
    ...books(LISTENERS),
  ],
  subscribe: ['erased.>', 'asr.at.*', `${inboxOf('asr')}.>`],
};

/**
 * Writes sessions to the archive and removes them from the log. The only one, beside operators, that may purge; it may
 * append nothing but the fact that a session has left.
 */
export const archiveRole: Role = {
  user: 'archive',
  publish: [
    typeSubject('session.archived'),
    ...READ_LOG,
    ...KEYS_OF_SESSIONS,
    ...['plan.*', 'kept.*.*', 'gone.*.*', 'sound.*.*'],
    ...reads(AUDIO),
    ...reads(ARCHIVE),
    ...reads(DEPARTED),
    ...['CREATE', 'INFO', 'MSG.NEXT', 'DELETE'].map((verb) => `${API}.CONSUMER.${verb}.${CONVERSATIONS}.>`),
    `${API}.STREAM.PURGE.${CONVERSATIONS}`,
  ],
  subscribe: ['erased.>', `${inboxOf('archive')}.>`],
};

/** A role with the password that it connects with. */
export const brokerUser = (role: Role, password: string): BrokerUser => ({ ...role, password });
