import { HttpProblem, problem } from '../../../shared/http/problem.ts';
import type { DialogueState } from '../../../shared/session/state.ts';

/** What an agent may ask for. */
export type Command = 'take' | 'hand-back' | 'close';

/** Why an agent may not have this of a session as it stands; undefined: he may. */
export function refusedCommand(state: DialogueState, command: Command, agent: string): HttpProblem | undefined {
  const holder = holderOf(state);
  switch (command) {
    case 'take':
      if (holder !== null) return holder === agent ? conflict('taken', 'You have it already') : taken();
      return state.phase === 'open' || state.phase === 'handed-off' ? undefined : notThere();
    case 'hand-back':
    case 'close':
      if (state.commands.some(({ kind }) => kind === command)) return conflict('asked', 'This is under way already');
      if (state.phase !== 'handed-off') return notThere();
      return holder === null || holder === agent ? undefined : taken();
  }
}

/** Why an agent may not write to the customer. */
export function refusedMessage(state: DialogueState, agent: string): HttpProblem | undefined {
  if (state.phase !== 'handed-off') return notThere();
  // Said after a hand-back it would be lost on the bot, which no longer listens to agents.
  if (state.commands.some(({ kind }) => kind === 'hand-back' || kind === 'close')) return notThere();
  const holder = holderOf(state);
  if (holder === agent) return undefined;
  return holder === null ? conflict('not-taken', 'Nobody has taken the conversation yet') : taken();
}

/** Who has it, or is about to: the first in the log gets it. */
function holderOf({ phase, desk, commands }: DialogueState): string | null {
  const taking = commands.find((c) => c.kind === 'take');
  if (taking?.kind === 'take') return taking.agent;
  return phase === 'handed-off' ? (desk?.agent ?? null) : null;
}

const conflict = (name: string, title: string): HttpProblem =>
  new HttpProblem(problem(409, name, title, { errors: [{ field: 'session', message: 'is not free for this' }] }));

const taken = (): HttpProblem => conflict('taken', 'Another agent has the conversation');
const notThere = (): HttpProblem => conflict('not-at-desk', 'The conversation is not with a person');
