import type { DeskBook } from '../../shared/desk/book.ts';
import type { SessionOptions } from '../../shared/incoming/sessions.ts';
import type { partialsIn } from '../../shared/speech/partials.ts';
import type { Tenants } from '../../shared/tenancy/tenants.ts';
import type { Tokens } from '../../shared/tenancy/tokens.ts';
import type { Transcriber } from '../../shared/speech/file/transcriber.ts';
import type { Knowledge } from './knowledge.ts';
import type { Recordings } from './recordings.ts';
import type { Watch } from './watch.ts';

/** What a file of the web page is made of. */
export interface PageFile {
  readonly type: string;
  readonly body: string | Uint8Array<ArrayBuffer>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** How much is let in. Those of a tenant can be set for each one in its configuration. */
export interface GatewayLimits {
  readonly bodyBytes: number;
  /** A body has to arrive within this time. */
  readonly bodyMs: number;
  /** How long a chat request waits for its reply, and how long it may ask to wait. */
  readonly waitMs: number;
  readonly maxWaitMs: number;
  /** For each tenant. */
  readonly requestsPerSecond: number;
  readonly burst: number;
  readonly turnsInFlight: number;
  readonly streams: number;
  /** A bell may be lost, so whoever waits for something looks by itself after this time. */
  readonly lookMs: number;
  /** Sessions of which the gateway remembers where they stand. */
  readonly sessions: number;
}

export const DEFAULT_LIMITS: GatewayLimits = {
  bodyBytes: 64 * 1024,
  bodyMs: 10_000,
  waitMs: 10_000,
  maxWaitMs: 60_000,
  requestsPerSecond: 2_000,
  burst: 4_000,
  turnsInFlight: 2_000,
  streams: 2_000,
  lookMs: 1_000,
  sessions: 50_000,
};

/** Turns of one session that are accepted and not decided. */
export const UNDECIDED_TURNS = 32;

/** Everything the gateway needs of its surroundings. */
export interface GatewayOptions extends SessionOptions {
  readonly tenants: Tenants;
  /** Believes tokens of users; absent: API keys only. */
  readonly tokens?: Tokens;
  /** A request without a key, made on this machine, belongs to the demo tenant. Only for a loopback address. */
  readonly openDemo: boolean;
  readonly limits?: Partial<GatewayLimits>;
  readonly watch?: Watch;
  /** Articles that bots answer from. Default: none are kept. */
  readonly knowledge?: Knowledge;
  /** Which sessions wait for a person. Default: nobody is told. */
  readonly desk?: DeskBook;
  /** Tells the words of callers while they are spoken. Default: nobody does. */
  readonly partials?: ReturnType<typeof partialsIn>;
  /** The sound of calls that was kept. Default: nobody knows of any. */
  readonly recordings?: Recordings;
  /** Listens to recordings. Default: nobody does. */
  readonly transcriber?: Pick<Transcriber, 'hear'>;
  /** The web page: the file at a path. */
  readonly page?: (path: string) => PageFile | undefined;
}
