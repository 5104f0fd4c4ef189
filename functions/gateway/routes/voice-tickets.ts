import * as v from 'valibot';
import { locale } from '../../../events/fields.ts';
import { voiceTickets } from '../../../shared/tenancy/voice-ticket.ts';
import { answered, bodyOf } from '../exchange.ts';
import type { Route } from '../route.ts';
import { existing } from '../../../shared/incoming/sessions.ts';

const AskTicket = v.strictObject({
  session: v.exactOptional(v.pipe(v.string(), v.description('A session to speak in; absent: the call opens one'))),
  locale: v.exactOptional(v.pipe(locale, v.description('What is spoken'))),
});

const Ticket = v.strictObject({
  ticket: v.pipe(v.string(), v.description('For one call: `wss://…/v1/voice/GATEWAY?ticket=…`')),
  uuid: v.exactOptional(v.pipe(v.string(), v.description('The same for AudioSocket. It opens a session of its own'))),
  expiresAt: v.pipe(v.string(), v.description('Until when a call may begin with it')),
});

/** A ticket for a call: browsers and most gateways can put no key into the header of a WebSocket. */
export const voiceTicketRoute: Route = {
  method: 'POST',
  path: '/v1/voice/tickets',
  summary: 'Makes a ticket for a call',
  description: 'Short-lived, and good for one call. Ask for it when the telephone rings, or when a button is pressed.',
  request: { 'application/json': { schema: AskTicket, example: { locale: 'en' } } },
  replies: { 201: { description: 'The ticket', schema: Ticket } },
  async handle(x) {
    const { at, caller } = x;
    const { session: id, locale: spoken } = await bodyOf(x, AskTicket);
    const session = id === undefined ? undefined : (await existing(at, caller, id)).ref.session;
    const { tenant, user } = caller;
    const tickets = voiceTickets(at.options.sessionKey, at.options.now);
    const { ticket, expiresAt } = await tickets.make({
      tenant,
      ...(user !== undefined && { user }),
      ...(session && { session }),
      ...(spoken !== undefined && { locale: spoken }),
    });
    const short = session || user !== undefined ? undefined : tickets.makeShort(tenant);
    const body = { ticket, ...(short && { uuid: short.uuid }), expiresAt: expiresAt.toISOString() };
    return answered({ status: 201, body });
  },
};
