import * as v from 'valibot';
import { defineEvent } from './define.ts';
import { message, name, reason } from './fields.ts';

/** A person wrote to the customer. */
export const agentReplied = defineEvent({
  type: 'agent.replied',
  revision: 1,
  schema: v.strictObject({ agent: name, messages: v.array(message) }),
});

/** Somebody has to come back to the customer, because nobody could take over in time. */
export const ticketWritten = defineEvent({
  type: 'ticket.written',
  revision: 1,
  schema: v.strictObject({ reason, skill: v.exactOptional(name) }),
});
