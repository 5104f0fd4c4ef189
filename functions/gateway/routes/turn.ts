import * as v from 'valibot';
import { EventId } from '../../../events/envelope.ts';
import { HttpProblem, invalid, problem } from '../../../shared/http/problem.ts';
import { endingOf } from '../../../shared/runtime/place.ts';
import { endedOf, told } from '../converse.ts';
import { answered, numberIn } from '../exchange.ts';
import { AFTER, SESSION, TURN } from '../parameters.ts';
import { ChatReply, Pending } from '../replies.ts';
import type { Route } from '../route.ts';
import { eventsAfter, existing } from '../../../shared/incoming/sessions.ts';

/** How a turn ended. */
export const turnRoute: Route = {
  method: 'GET',
  path: '/v1/sessions/{session}/turns/{turn}',
  summary: 'How a turn ended',
  description: '`after` saves a search: it is in every `Location` that leads here.',
  parameters: [SESSION, TURN, AFTER],
  replies: {
    200: { description: 'The turn has ended', schema: ChatReply },
    202: { description: 'Not yet; ask again after `Retry-After`', schema: Pending },
  },
  async handle(x) {
    const turn = x.c.req.param('turn') ?? '';
    if (!v.is(EventId, turn)) throw invalid('turn', 'is not the id of a turn');
    const after = numberIn(x, 'after', 0);
    const view = await existing(x.at, x.caller, x.c.req.param('session') ?? '');
    const { session } = view.ref;
    // The opening of the turn itself stands at `after`.
    const events = await eventsAfter(x.at.options.log, view, Math.max(0, after - 1));
    const opening = events.find(({ envelope }) => envelope.id === turn);
    const common = { sessionId: session, session, turn };
    const ending = endingOf(turn, events);
    if (ending) return answered({ status: 200, body: { ...common, ...told(endedOf(ending)) } });
    if (!opening) {
      throw new HttpProblem(
        problem(404, 'unknown-turn', 'There is no such turn', {
          errors: [{ field: 'turn', message: 'names no turn' }],
        }),
      );
    }
    return answered({
      status: 202,
      body: { ...common, status: 'pending', position: opening.position },
      headers: { 'retry-after': '1' },
    });
  },
};
