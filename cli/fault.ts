import { PlatformError } from '../shared/errors/index.ts';

/** A way of calling the program that makes no sense: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** What to do about a fault, by its code. */
const NEXT: Readonly<Record<string, string>> = {
  'broker.unreachable': 'start a platform with `npm start`, or name a server with --nats',
  'broker.refused': 'set TURNSTREAM_NATS_USER and TURNSTREAM_NATS_PASSWORD, or run it where `npm start` runs',
  'broker.too-old': 'upgrade nats-server, or let `npm start` bring its own',
  'broker.store-in-use': 'a platform runs in this folder: stop it, or name another folder with --dir',
  'consumer.missing': 'see Upgrades in docs/ops.md',
  'consumer.differs': 'see Upgrades in docs/ops.md',
  'consumer.forbidden': 'see Upgrades in docs/ops.md',
  'gateway.unreachable': 'start a platform with `npm start`, or name one with --url',
  'call.refused': 'it takes calls where `npm start` runs, or `voice` does: see docs/voice.md',
  'gateway.unauthorized': 'pass an API key with --key or TURNSTREAM_API_KEY',
  'http.cannot-listen': 'free the port, or name others with --port and --ops-port',
  'keys.missing': 'name the file with the tenants’ keys in TURNSTREAM_TENANT_KEYS',
  'log.not-provisioned': 'run `turnstream provision` first',
  'log.malformed': 'an encrypted log needs the tenants’ keys in TURNSTREAM_TENANT_KEYS',
  'log.encrypted': 'name the file with the tenants’ keys in TURNSTREAM_TENANT_KEYS',
  'log.unavailable': 'check that nats-server is running and has a leader, then try again',
  'model.missing': 'train one with `turnstream bot train`',
  'model.invalid': 'train it again with `turnstream bot train`',
  'models.busy': 'wait for it, or end it',
  'models.unreachable': 'what has come is kept: try again, or name a mirror with --mirror',
  'models.wrong-bytes': 'ask another mirror with --mirror',
  'session.unknown': 'list the sessions that there are with `turnstream sessions`',
};

/** A fault as one line for people: what happened, and what to do next. */
export function explain(error: unknown): string {
  const { message, code } = faultOf(error);
  const next = NEXT[code];
  return oneLine(next ? `${message}; ${next}` : message);
}

/** Everything in one line. */
export const oneLine = (text: string): string => text.trim().replaceAll(/\s*\n\s*/gu, ' ');

function faultOf(error: unknown): { readonly message: string; readonly code: string } {
  if (error instanceof PlatformError) return error;
  if (!(error instanceof Error)) return { message: String(error), code: '' };
  // The client's own words for a stream that is not there.
  if (/stream not found|no stream matches/iu.test(error.message)) {
    return { message: 'this nats-server has no conversations yet', code: 'log.not-provisioned' };
  }
  if (error.name === 'TimeoutError' || error.name === 'NoRespondersError' || error.name === 'ClosedConnectionError') {
    return { message: 'the log did not answer', code: 'log.unavailable' };
  }
  return { message: error.message, code: '' };
}
