import type { Context } from 'hono';
import { SECURITY } from '../../../shared/http/security.ts';
import { definitionOf } from '../../../events/catalogue.ts';
import { invalid } from '../../../shared/http/problem.ts';
import { numberIn, wholeNumber, type Exchange } from '../exchange.ts';
import { exceeded } from '../limits.ts';
import { AFTER, LAST_EVENT_ID, LIMIT, PARTIALS, SESSION, TYPES } from '../parameters.ts';
import { shownTo } from '../public-event.ts';
import { EventPage } from '../replies.ts';
import type { Route } from '../route.ts';
import type { SessionRef } from '../../../shared/log/log.ts';
import { eventsAfter, existing } from '../../../shared/incoming/sessions.ts';
import { bindingsOf, headerOf } from '../header.ts';

const EVENT_STREAM = 'text/event-stream';
const MAX_LIMIT = 1_000;

/** What happens in a session, as it happens or a page at a time. */
export const readEventsRoute: Route = {
  method: 'GET',
  path: '/v1/sessions/{session}/events',
  summary: 'The events of a session',
  description:
    'As a page of JSON, or, with `Accept: text/event-stream`, as server-sent events whose ids are positions: after a ' +
    'break a client gets what follows its `Last-Event-ID`, without gap or repeat, from any process of the gateway.',
  parameters: [SESSION, AFTER, LIMIT, TYPES, PARTIALS, LAST_EVENT_ID],
  replies: {
    200: {
      description: 'Events, oldest first',
      schema: EventPage,
      stream:
        '`id`: the position of an event; `data`: the event as in a page; comments keep the connection alive. With ' +
        '`partials` also `event: partial` without an `id`: `{call, utterance, text}`',
    },
  },
  forAgents: true,
  async handle(x) {
    const types = typesIn(x);
    const after = afterIn(x);
    const limit = numberIn(x, 'limit', 100, MAX_LIMIT);
    if (limit === 0) throw invalid('limit', 'has to be at least 1');
    const view = await existing(x.at, x.caller, x.c.req.param('session') ?? '');
    const show = shownTo(x.caller, types);
    if (wantsStream(x.c)) {
      const { quota } = x;
      if (quota.openStreams >= quota.streams) throw exceeded('open streams', quota.streams, 5);
      const cut = cutOf(x.c);
      const aside = partialsIn(x, view.ref);
      const body = x.at.streams.open({ ref: view.ref, after, show, quota, aside, cut });
      return new Response(body, { headers: { ...SECURITY, 'content-type': EVENT_STREAM, 'x-accel-buffering': 'no' } });
    }
    const shown: string[] = [];
    let next: number | null = null;
    let through = after;
    for (const stored of await eventsAfter(x.at.options.log, view, after)) {
      if (shown.length === limit) {
        next = through;
        break;
      }
      through = stored.position;
      const event = show(stored);
      if (event !== undefined) shown.push(event);
    }
    const json = `{"events":[${shown.join(',')}],"next":${String(next)}}`;
    return new Response(json, { headers: { ...SECURITY, 'content-type': 'application/json; charset=utf-8' } });
  },
};

const wantsStream = (c: Context): boolean => headerOf(c, 'accept')?.includes(EVENT_STREAM) ?? false;

/** The words of callers while they are spoken, where the request wants them. */
function partialsIn({ c, at: { options } }: Exchange, ref: SessionRef) {
  const { partials } = options;
  if (!partials || c.req.query('partials') !== 'true') return undefined;
  return (tell: (name: string, data: string) => void) =>
    partials(ref, (words) => {
      tell('partial', JSON.stringify(words));
    });
}

const cutOf = (c: Context): (() => void) | undefined => {
  const { outgoing } = bindingsOf(c);
  return (
    outgoing &&
    (() => {
      outgoing.destroy();
    })
  );
};

function afterIn(x: Exchange): number {
  const lastEventId = headerOf(x.c, 'last-event-id');
  // A browser's EventSource sends it empty before the first event.
  return lastEventId ? wholeNumber('Last-Event-ID', lastEventId) : numberIn(x, 'after', 0);
}

function typesIn({ c }: Exchange): ReadonlySet<string> | undefined {
  const list = c.req.query('types');
  if (list === undefined) return undefined;
  const types = list.split(',');
  for (const type of types) if (!definitionOf.has(type)) throw invalid('types', 'names a type that there is not');
  return new Set(types);
}
