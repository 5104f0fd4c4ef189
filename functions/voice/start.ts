import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { Hono } from 'hono';
import type { NatsConnection } from '@nats-io/nats-core';
import { returning } from '../../shared/archive/departures.ts';
import type { ObjectStore } from '../../shared/archive/objects.ts';
import type { Bot } from '../../shared/bot/bot.ts';
import { botStore } from '../../shared/bot/store.ts';
import type { Keyring } from '../../shared/crypto/keyring.ts';
import { problem, HttpProblem, problemResponse } from '../../shared/http/problem.ts';
import { SECURITY } from '../../shared/http/security.ts';
import { serve } from '../../shared/http/serve.ts';
import { tailOf } from '../../shared/log/append.ts';
import { serverCounters } from '../../shared/log/counters.ts';
import { jetstreamLog } from '../../shared/log/jetstream.ts';
import { audioLog } from '../../shared/speech/audio-log.ts';
import type { Voice } from '../../shared/speech/tts/voice.ts';
import { authenticator } from '../../shared/tenancy/authenticate.ts';
import type { Tenants } from '../../shared/tenancy/tenants.ts';
import { tokensOf } from '../../shared/tenancy/tokens.ts';
import { voiceTickets } from '../../shared/tenancy/voice-ticket.ts';
import { viewsOf } from '../../shared/incoming/views.ts';
import { doors } from './admission.ts';
import { EMITTER } from './journal.ts';
import { endLostCalls, leases } from './lost-calls.ts';
import { CALL_LIMITS, type CallLimits, type CallWatch } from './options.ts';
import { partials } from './partials.ts';
import { soundBudget } from './sound-budget.ts';
import { audioSockets, webSockets } from './sockets.ts';
import { switchboard } from './switchboard.ts';

/** What taking calls needs. */
export interface CallsOptions {
  readonly nc: NatsConnection;
  readonly tenants: Tenants;
  /** By name: what new sessions talk to. */
  readonly bots: ReadonlyMap<string, Bot>;
  readonly sessionKey: string;
  readonly voice: Voice | undefined;
  readonly keys?: Keyring;
  readonly objects?: ObjectStore;
  readonly watch: CallWatch;
  /** Where AudioSocket is listened for. */
  readonly host: string;
  /** For Asterisk's AudioSocket; absent: nobody listens for it. */
  readonly audioSocketPort?: number;
  readonly limits?: Partial<CallLimits>;
}

/** Calls that are taken. */
export interface TakingCalls {
  /** Takes a WebSocket that a server was asked for. */
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  readonly audioSocketPort: number | undefined;
  readonly calls: () => number;
  /** Ends the calls that are left. */
  stop(): Promise<void>;
}

/** Calls are looked after in the rhythm of their frames. */
const TICK_MS = 20;
const REMEMBERED_SESSIONS = 1_000;

/** Takes calls, on a server that somebody else runs. */
export async function takeCalls(options: CallsOptions): Promise<TakingCalls> {
  const { nc, tenants, bots, keys, objects, sessionKey } = options;
  const limits = { ...CALL_LIMITS, ...options.limits };
  const now = () => new Date();
  const clock = () => performance.now();
  const secret = (variable: string) => process.env[variable];
  const cipher = keys && { cipher: keys };
  const log = jetstreamLog(nc, cipher ?? {});
  const tail = tailOf(log);
  const budget = soundBudget({
    counters: serverCounters(nc),
    now,
    mostOf: (tenant) => tenants.get(tenant)?.limits?.soundBytes ?? limits.soundBytesPerTenant,
    onFailure: (error) => {
      options.watch.failed('sound-budget', error);
    },
  });
  const audio = budget.metered(audioLog(nc, cipher ?? {}));
  const authenticate = authenticator({ tenants, tokens: await tokensOf(tenants, { secret, now }), openDemo: false });
  const door = doors({ tenants, authenticate, tickets: voiceTickets(sessionKey, now), secret });
  const board = switchboard({
    at: {
      log,
      tail,
      audio,
      budget,
      now,
      clock,
      voice: options.voice,
      lease: leases(nc, now, limits.leaseMs),
      partials: partials(nc),
      bots: botStore(nc),
      limits,
      watch: options.watch,
    },
    sessions: {
      options: {
        log,
        tail,
        now,
        sessionKey,
        botOf: (tenant) => bots.get(tenants.get(tenant)?.bot ?? ''),
        archivedOf: returning({ nc, ...cipher, ...(objects && { objects }) }),
        ...(keys && { isErased: (ref) => keys.isErased(ref) }),
      },
      views: viewsOf(log, REMEMBERED_SESSIONS),
      emitter: EMITTER,
    },
    doors: door,
    tenants,
  });
  const ticking = setInterval(() => {
    board.tick();
    budget.tick();
  }, TICK_MS);
  const lost = await endLostCalls({ nc, log, tail, audio, now });
  const { audioSocketPort: wanted } = options;
  const tcp = wanted === undefined ? undefined : await audioSockets(board, options.host, wanted);
  return {
    upgrade: webSockets(board, door),
    audioSocketPort: tcp?.port,
    calls: () => board.calls,
    async stop() {
      await board.close();
      await tcp?.close();
      clearInterval(ticking);
      await lost.stop();
    },
  };
}

/** What a process needs that does nothing but take calls. */
export interface StartOptions extends CallsOptions {
  readonly port: number;
}

export interface RunningVoice extends Omit<TakingCalls, 'upgrade'> {
  readonly url: string;
}

/** Takes calls on a server of its own. */
export async function startVoice({ port, ...options }: StartOptions): Promise<RunningVoice> {
  const { upgrade, ...taking } = await takeCalls(options);
  const app = new Hono();
  app.notFound(() =>
    problemResponse(new HttpProblem(problem(404, 'not-found', 'Only calls are taken here')), SECURITY),
  );
  const server = await serve(app, { hostname: options.host, port, upgrade });
  return {
    ...taking,
    url: server.url,
    async stop() {
      await taking.stop();
      await server.close();
    },
  };
}
