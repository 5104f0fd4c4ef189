import type { ConversationEvent } from '../../events/catalogue.ts';
import type { AnyEventDefinition, DataOf, DraftOf } from '../../events/define.ts';
import type { EventId, Recorded } from '../../events/envelope.ts';
import type { Bot } from '../bot/bot.ts';

/** Everything a reaction may know besides its event: no clock, no randomness, no I/O of its own. */
export interface Context<Ports> {
  readonly now: Date;
  readonly ports: Ports;
  /** Aborted when the time limit has passed or the process has to stop. */
  readonly signal: AbortSignal;
}

/** What a session's events amount to. Pure: the same events give the same state on any machine at any time. */
export interface Fold<State> {
  /** Names the rules of this fold; a snapshot made by other rules is not used. */
  readonly version: string;
  readonly initial: State;
  readonly evolve: (state: State, event: ConversationEvent) => State;
}

/** How long a function may take, and what is done when it fails for good. */
export interface Limits {
  /** Time limit of one run, milliseconds. */
  readonly timeoutMs: number;
  /** Runs after which the function gives up. All of them together are shorter than the acknowledgement wait. */
  readonly attempts: number;
}

type Drafts<Emits extends readonly AnyEventDefinition[]> = readonly DraftOf<Emits[number]>[];
type Awaitable<T> = T | Promise<T>;

/** Turns one event into others. Needs no history, so any two deliveries may run at once. */
export interface Reaction<
  On extends readonly AnyEventDefinition[],
  Emits extends readonly AnyEventDefinition[],
  Ports,
> {
  readonly kind: 'reaction';
  readonly name: string;
  readonly on: On;
  readonly emits: Emits;
  /** Of types that have kinds, only events of these; absent: all of them. */
  readonly kinds?: readonly string[];
  readonly limits: Limits;
  /**
   * What stands in the log when it fails for good. `step-failed`: the policy answers instead;
   * `dead-letter`: nothing can, the turn ends.
   */
  readonly failure: 'step-failed' | 'dead-letter';
  readonly handle: (event: Recorded<On[number]>, context: Context<Ports>) => Awaitable<Drafts<Emits>>;
}

/** A turn that has not ended. */
export interface OpenTurn {
  readonly id: string;
  readonly decided: boolean;
}

/** What a decider returns: the data of its event without the snapshot, which the runtime adds. */
export interface Decision<D extends AnyEventDefinition> {
  /** The event that is decided upon: the opening of a turn, a command, a timer. The decision's id derives from it. */
  readonly cause: EventId;
  readonly turn?: EventId;
  readonly data: Omit<DataOf<D>, 'snapshot'>;
}

/**
 * Decides from the whole session: any event it listens to wakes it, and the state says what there is to decide.
 * Synchronous and without ports, so that a replay decides the same.
 */
export interface Decider<On extends readonly AnyEventDefinition[], Emits extends AnyEventDefinition, State> {
  readonly kind: 'decider';
  readonly name: string;
  readonly on: On;
  readonly emits: readonly [Emits];
  readonly limits: Limits;
  readonly fold: Fold<State>;
  /** The hash of the bot that the session talks to; undefined while it is not open. */
  readonly botOf: (state: State) => string | undefined;
  /** The turns that have not ended, so that a decision that nobody carries out is noticed. */
  readonly turns?: (state: State) => readonly OpenTurn[];
  /** Whether there is something to decide, and for which turn: that one ends where deciding fails for good. */
  readonly due?: (state: State) => { readonly turn?: EventId } | undefined;
  /** The next decision that is due, or undefined when there is none. Asked again after each decision. */
  readonly decide: (
    state: State,
    context: { readonly now: Date; readonly bot: Bot | undefined },
  ) => Decision<Emits> | undefined;
}

/** Declares a reaction. */
export function defineReaction<
  const On extends readonly AnyEventDefinition[],
  const Emits extends readonly AnyEventDefinition[],
  Ports = object,
>(spec: Omit<Reaction<On, Emits, Ports>, 'kind'>): Reaction<On, Emits, Ports> {
  return { kind: 'reaction', ...spec };
}

/** Declares a decider. */
export function defineDecider<const On extends readonly AnyEventDefinition[], Emits extends AnyEventDefinition, State>(
  spec: Omit<Decider<On, Emits, State>, 'kind'>,
): Decider<On, Emits, State> {
  return { kind: 'decider', ...spec };
}

/* eslint-disable @typescript-eslint/no-explicit-any -- definitions are heterogeneous here, and only here */
export type AnyReaction = Reaction<any, any, any>;
export type AnyDecider = Decider<any, any, any>;
/* eslint-enable @typescript-eslint/no-explicit-any */
export type AnyFunction = AnyReaction | AnyDecider;

const named = (definitions: unknown) =>
  definitions as readonly { readonly type: string; readonly kindOf?: (data: never) => string | undefined }[];
const typesOf = (definitions: unknown): readonly string[] => named(definitions).map(({ type }) => type);

/** The event types that a function wants. */
export const wantedTypes = (fn: AnyFunction): readonly string[] => typesOf(fn.on);
/** The ends of the subjects of the events that a function wants: a type, a type with one kind, or with any (`.*`). */
export const wantedPaths = (fn: AnyFunction): readonly string[] => {
  const kinds = fn.kind === 'reaction' ? fn.kinds : undefined;
  return named(fn.on).flatMap(({ type, kindOf }) => {
    if (!kindOf) return [type];
    return kinds ? kinds.map((kind) => `${type}.${kind}`) : [type, `${type}.*`];
  });
};
/** The ends of the subjects of what a function may emit. */
export const emittedPaths = (fn: AnyFunction): readonly string[] =>
  named(fn.emits).flatMap(({ type, kindOf }) => (kindOf ? [type, `${type}.*`] : [type]));
/** The event types that a function may emit. */
export const emittedTypes = (fn: AnyFunction): readonly string[] => typesOf(fn.emits);
/** Whether the function wants this event. */
export const listensTo = (
  fn: AnyFunction,
  { type, kind }: { readonly type: string; readonly kind?: string },
): boolean => {
  const wanted = named(fn.on).find((d) => d.type === type);
  if (!wanted) return false;
  const kinds = fn.kind === 'reaction' && wanted.kindOf ? fn.kinds : undefined;
  return !kinds || (kind !== undefined && kinds.includes(kind));
};
