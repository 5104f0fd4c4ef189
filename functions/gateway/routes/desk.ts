import * as v from 'valibot';
import { EventId, Position, SessionId } from '../../../events/envelope.ts';
import { agentReplied } from '../../../events/desk.ts';
import { message, name, personalText } from '../../../events/fields.ts';
import { controlRequested } from '../../../events/session.ts';
import { HttpProblem, problem } from '../../../shared/http/problem.ts';
import { SECURITY } from '../../../shared/http/security.ts';
import type { DeskBook } from '../../../shared/desk/book.ts';
import type { SessionRef } from '../../../shared/log/log.ts';
import { readEvent } from '../../../shared/runtime/read-event.ts';
import { agentIn, staffOnly } from '../desk/agents.ts';
import { refusedCommand, refusedMessage } from '../desk/judge.ts';
import { decisionOn, place, type FromDesk } from '../desk/place.ts';
import { Queue, queueOf, type Sight } from '../desk/queue.ts';
import { answered, bodyOf, checked, KEY_POLICY, waitOf, type Exchange } from '../exchange.ts';
import { headerOf } from '../header.ts';
import { exceeded } from '../limits.ts';
import { IDEMPOTENCY, PREFER, SESSION } from '../parameters.ts';
import { Accepted } from '../replies.ts';
import type { Parameter, Route } from '../route.ts';
import { ControlData } from '../schemas.ts';
import { existing } from '../../../shared/incoming/sessions.ts';
import { advance, type View } from '../../../shared/incoming/views.ts';

const EVENT_STREAM = 'text/event-stream';
const MOST_BUTTONS = 10;

const agent = v.exactOptional(
  v.pipe(name, v.description("Who does it; needed with a tenant's key, and known of an agent's own")),
);
const Control = v.strictObject({ command: ControlData.entries.command, agent });
const Said = v.strictObject({
  text: v.pipe(
    personalText,
    v.check((s) => s.trim().length > 0, 'is empty'),
  ),
  buttons: v.exactOptional(v.pipe(message.entries.buttons, v.maxLength(MOST_BUTTONS))),
  agent,
});
const Decided = v.strictObject({
  id: EventId,
  position: Position,
  session: SessionId,
  act: v.pipe(v.string(), v.description('What became of it: `take`, `hand-back` or `close`')),
});

const SKILLS: Parameter = {
  in: 'query',
  name: 'skills',
  description: "Only sessions that want one of these, or none; absent: the agent's own, for a tenant's key all",
  schema: { type: 'string' },
};

/** Who waits for a person. */
export const queueRoute: Route = {
  method: 'GET',
  path: '/v1/desk/queue',
  summary: 'The sessions that wait for a person',
  description:
    'As JSON, or, with `Accept: text/event-stream`, now and again whenever it changes. Each event is the whole queue, ' +
    'so after a break the next one tells everything.',
  parameters: [SKILLS],
  replies: { 200: { description: 'The queue', schema: Queue, stream: '`data`: the queue; comments keep it alive' } },
  forAgents: true,
  async handle(x) {
    const { c, at, caller, quota } = x;
    const sight = sightOf(x);
    const desk = deskOf(x);
    if (!headerOf(c, 'accept')?.includes(EVENT_STREAM)) {
      const noted = await desk.read(caller.tenant);
      return answered({ status: 200, body: queueOf(noted, sight, noted.at(-1)?.place ?? 0) });
    }
    if (quota.openStreams >= quota.streams) throw exceeded('open streams', quota.streams, 5);
    const body = at.desks.open(caller.tenant, sight, quota);
    return new Response(body, { headers: { ...SECURITY, 'content-type': EVENT_STREAM, 'x-accel-buffering': 'no' } });
  },
};

/** An agent takes a session, hands it back or closes it. */
export const controlRoute: Route = {
  method: 'POST',
  path: '/v1/sessions/{session}/control',
  summary: 'Takes a session, hands it back to the bot, or closes it',
  description:
    'For agents, and for the tenant in the name of one. Of several who take a session at once, one gets it and the ' +
    'others 409. Handing back and closing is for the one who has it, or for anybody while nobody has.',
  parameters: [SESSION, IDEMPOTENCY, PREFER],
  request: { 'application/json': { schema: Control, example: { command: 'take', agent: 'ann' } } },
  replies: {
    200: { description: 'It was decided', schema: Decided },
    202: { description: 'Stored; it is going to be decided', schema: Accepted },
  },
  forAgents: true,
  async handle(x) {
    const { command, agent: named } = await bodyOf(x, Control);
    const who = agentIn(x, named);
    const view = await atDesk(x);
    const draft = controlRequested({ command, agent: who });
    const done = await place(x, view, draft, (state) => refusedCommand(state, command, who));
    const { waitMs } = waitOf(x);
    const decision = await decisionOn(x, view, done.stored, waitMs);
    if (!decision) return acceptance(view, done);
    advance(view, decision);
    const event = readEvent(decision);
    const act = event.type === 'policy.decided' ? event.data.act.kind : '';
    return answered({ status: 200, body: { ...namesOf(view, done), act }, headers: headersOf(done) });
  },
};

/** An agent writes to the customer. */
export const agentMessageRoute: Route = {
  method: 'POST',
  path: '/v1/sessions/{session}/agent-messages',
  summary: 'Writes to the customer as a person',
  description: 'For the agent who has taken the session. The customer gets it in every way in which replies come.',
  parameters: [SESSION, IDEMPOTENCY],
  request: { 'application/json': { schema: Said, example: { text: 'Hello, this is Ann.', agent: 'ann' } } },
  replies: { 202: { description: 'Stored', schema: Accepted } },
  forAgents: true,
  async handle(x) {
    const { text, buttons = [], agent: named } = await bodyOf(x, Said);
    const who = agentIn(x, named);
    const view = await atDesk(x);
    const draft = agentReplied({ agent: who, messages: [{ text, buttons }] });
    return acceptance(view, await place(x, view, draft, (state) => refusedMessage(state, who)));
  },
};

const acceptance = (view: View, done: FromDesk): Response =>
  answered({ status: 202, body: namesOf(view, done), headers: headersOf(done) });

const namesOf = ({ ref: { session } }: View, { stored: { envelope, position } }: FromDesk) => ({
  id: envelope.id,
  position,
  session,
});

const headersOf = ({ keyed, repeated }: FromDesk) => ({
  ...(keyed && KEY_POLICY),
  ...(repeated && { 'idempotency-replayed': 'true' }),
});

function deskOf({ at }: Exchange): DeskBook {
  const { desk } = at.options;
  if (desk) return desk;
  throw new HttpProblem(problem(404, 'not-found', 'This gateway keeps no desk'));
}

function sightOf(x: Exchange): Sight {
  const { agent: who } = staffOnly(x);
  const skills = x.c.req.query('skills');
  return { agent: who, ...(skills !== undefined && { skills: checked(v.array(name), skills.split(','), 'skills') }) };
}

/** The session of the path. One that has left the log meanwhile leaves the queue, too. */
async function atDesk(x: Exchange): Promise<View> {
  const { at, caller, c } = x;
  const id = c.req.param('session') ?? '';
  try {
    return await existing(at, caller, id);
  } catch (error) {
    const isGone = error instanceof HttpProblem && [404, 410].includes(error.problem.status);
    if (isGone) await at.options.desk?.forget({ tenant: caller.tenant, session: id } as SessionRef);
    throw error;
  }
}
