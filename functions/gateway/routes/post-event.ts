import * as v from 'valibot';
import { controlRequested } from '../../../events/session.ts';
import type { EventId } from '../../../events/envelope.ts';
import { HttpProblem, invalid, problem } from '../../../shared/http/problem.ts';
import { jsonBody } from '../body.ts';
import { binaryCloudEvent, isBinary, structuredCloudEvent, StructuredCloudEvent } from '../cloudevents.ts';
import { eventIdOf, turnPath } from '../converse.ts';
import { answered, bodyOf, checked, keyOf, KEY_POLICY, unsupported, type Exchange } from '../exchange.ts';
import { IDEMPOTENCY, SESSION } from '../parameters.ts';
import { postOther, postUtterance } from '../post.ts';
import { Accepted } from '../replies.ts';
import type { Route } from '../route.ts';
import { Control, ControlData, Said, Utterance } from '../schemas.ts';
import { closed, continued, DEFAULT_CHANNEL } from '../../../shared/incoming/sessions.ts';
import type { View } from '../../../shared/incoming/views.ts';
import { headerOf } from '../header.ts';

const STRUCTURED = 'application/cloudevents+json';

/** What may come from outside. */
type Posting =
  | { readonly type: 'utterance.received'; readonly data: v.InferOutput<typeof Said> }
  | { readonly type: 'control.requested'; readonly data: v.InferOutput<typeof ControlData> };

/** Something happened in a session. */
export const postEventRoute: Route = {
  method: 'POST',
  path: '/v1/sessions/{session}/events',
  summary: 'Adds an event to a session',
  description:
    'What a customer said, or what an agent wants to do with the session. As plain JSON, or as a CloudEvent in binary ' +
    'or structured mode, whose source and id then make it repeatable like an Idempotency-Key.',
  parameters: [SESSION, IDEMPOTENCY],
  request: {
    'application/json': {
      schema: v.union([Said, Utterance, Control]),
      example: { type: 'utterance.received', data: { text: 'Where is my parcel?', locale: 'en' } },
    },
    [STRUCTURED]: {
      schema: StructuredCloudEvent,
      example: {
        specversion: '1.0',
        id: 'message-17',
        source: '/channels/web',
        type: 'utterance.received',
        data: { text: 'Where is my parcel?' },
      },
    },
  },
  replies: { 202: { description: 'Stored', schema: Accepted, headers: { Location: 'The turn that it opened' } } },
  async handle(x) {
    const session = x.c.req.param('session') ?? '';
    const { posting, cloudEventKey } = await read(x, session);
    const { posted, keyed } = await post(x, session, posting, cloudEventKey);
    const { envelope, position } = posted.stored;
    const headers = {
      ...(envelope.turn !== undefined && { location: turnPath(session, envelope.turn, position) }),
      ...(keyed && KEY_POLICY),
      ...(posted.repeated && { 'idempotency-replayed': 'true' }),
    };
    return answered({ status: 202, body: { id: envelope.id, position, session }, headers });
  },
};

async function post(x: Exchange, session: string, posting: Posting, cloudEventKey: string | undefined) {
  for (let attempt = 0; attempt < 2; attempt++) {
    const view = await continued(x.at, x.caller, session, DEFAULT_CHANNEL);
    const id = idOf(x, view, cloudEventKey);
    const posted =
      posting.type === 'utterance.received'
        ? await postUtterance(x, view, posting.data, id, 0)
        : await postOther(x, view, controlRequested(posting.data), id);
    if (posted) return { posted, keyed: id !== undefined };
    // Closed meanwhile, or not there any more: then the next look says so.
  }
  throw closed();
}

async function read(x: Exchange, session: string): Promise<{ posting: Posting; cloudEventKey?: string }> {
  const contentType = headerOf(x.c, 'content-type')?.toLowerCase() ?? '';
  if (contentType.startsWith(STRUCTURED)) {
    const { type, data, key } = structuredCloudEvent(session, await jsonBody(x.c, x.at.limits));
    return { posting: postingOf(x, type, data, 'data'), cloudEventKey: key };
  }
  if (contentType.startsWith('application/cloudevents')) throw unsupported(STRUCTURED);
  const body = await bodyOf(x, Anything);
  if (isBinary(x.c)) {
    const { type, data, key } = binaryCloudEvent(x.c, session, body);
    return { posting: postingOf(x, type, data, ''), cloudEventKey: key };
  }
  if ('type' in body) {
    const { type, data } = checked(Plain, body);
    return { posting: postingOf(x, type, data, 'data') };
  }
  return { posting: { type: 'utterance.received', data: checked(Said, body) } };
}

const Anything = v.looseObject({});
const Plain = v.strictObject({ type: v.string(), data: v.unknown() });

function postingOf({ caller }: Exchange, type: string, data: unknown, prefix: string): Posting {
  switch (type) {
    case 'utterance.received':
      return { type, data: checked(Said, data, prefix) };
    case 'control.requested':
      if (caller.user === undefined) return { type, data: checked(ControlData, data, prefix) };
      throw new HttpProblem(
        problem(403, 'forbidden', 'This is not for users', {
          errors: [{ field: 'type', message: 'needs an API key' }],
        }),
      );
    default:
      throw invalid('type', 'is not a type that may come from outside');
  }
}

function idOf(x: Exchange, view: View, cloudEventKey: string | undefined): EventId | undefined {
  const key = keyOf(x);
  return key === undefined ? eventIdOf(view, 'cloudevent', cloudEventKey) : eventIdOf(view, 'key', key);
}
