import { HttpProblem, invalid, problem } from '../../../shared/http/problem.ts';
import type { Exchange } from '../exchange.ts';

/** Who works at the desk; for a tenant's own system, whoever it names. */
export function agentIn(x: Pick<Exchange, 'caller'>, named: string | undefined): string {
  const { agent } = staffOnly(x);
  if (agent) {
    if (named === undefined || named === agent.name) return agent.name;
    throw new HttpProblem(
      problem(403, 'forbidden', 'This is for another agent', {
        errors: [{ field: 'agent', message: 'is somebody else' }],
      }),
    );
  }
  if (named === undefined) throw invalid('agent', 'is missing');
  return named;
}

/** The caller, where it is no customer. */
export function staffOnly({ caller }: Pick<Exchange, 'caller'>): Exchange['caller'] {
  if (caller.user === undefined) return caller;
  throw new HttpProblem(problem(403, 'forbidden', 'The desk needs an API key, or the token of an agent'));
}
