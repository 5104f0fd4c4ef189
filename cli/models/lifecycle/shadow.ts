import { connect } from '@nats-io/transport-node';
import type { NatsConnection } from '@nats-io/nats-core';
import { runShadow, type ShadowProgress } from '../../../functions/intent/shadow.ts';
import { encryption } from '../../../functions/process.ts';
import { inboxOf } from '../../../shared/access/roles.ts';
import { botStore } from '../../../shared/bot/store.ts';
import { keyring } from '../../../shared/crypto/keyring.ts';
import { readTenantKeys } from '../../../shared/crypto/tenant-keys.ts';
import { artefactsOn } from '../../../shared/models/artefacts.ts';
import { provisionShadow, type ShadowStart } from '../../../shared/models/shadow.ts';
import { placesOf, type Places } from '../../config.ts';
import { withLog } from '../../connection.ts';
import { progressBar } from '../../progress.ts';
import { number, print, printJson } from '../../terminal.ts';
import { botNamed, modelNamed, short } from './named.ts';
import type { LogOptions } from './options.ts';

export interface ShadowCommandOptions extends LogOptions {
  readonly model: string;
  readonly bot: string;
  readonly from?: ShadowStart;
  readonly once?: boolean;
}

/**
 * `turnstream models shadow`: lets a model answer beside the one that serves. An operator's connection makes the durable;
 * the work is done as a user who can write nothing into a conversation, where one is known.
 */
export async function shadowModel(options: ShadowCommandOptions): Promise<void> {
  const { bot, from, once, json } = options;
  const { model, begins } = await withLog(options, async ({ nc }) => {
    const named = await modelNamed(nc, options.model);
    await botNamed(nc, bot);
    return { model: named, begins: await provisionShadow(nc, { model: named, bot, ...(from && { start: from }) }) };
  });
  const places = await placesOf(options);
  if (!json)
    print(
      `${short(model)} answers beside ${bot}; it ${begins === 'made' ? 'begins' : 'goes on where it stopped'}. Ctrl-C ends it.`,
    );
  const stop = new AbortController();
  const interrupt = () => {
    stop.abort();
  };
  process.once('SIGINT', interrupt);
  const { nc, cipher } = await asShadow(places);
  const bar = progressBar('utterances');
  let most = 0;
  const onProgress = ({ answered, skipped, left }: ShadowProgress) => {
    most = Math.max(most, left + answered + skipped);
    bar.show(most === 0 ? 1 : (answered + skipped) / most, answered);
  };
  try {
    const bytes = await artefactsOn(nc).get(model);
    const work = { nc, model, bytes, bot, botOf: botStore(nc), signal: stop.signal, onProgress };
    const done = await runShadow({ ...work, ...(cipher && { cipher }), ...(once && { once }) });
    bar.done();
    if (json) printJson({ model, bot, ...done });
    else print(`${number(done.answered)} answered, ${number(done.skipped)} not for it, ${number(done.left)} left`);
  } finally {
    bar.done();
    process.off('SIGINT', interrupt);
    cipher?.stop();
    await nc.close();
  }
}

async function asShadow({ nats, user, password, shadow, tenantKeys }: Places): Promise<{
  readonly nc: NatsConnection;
  readonly cipher?: ReturnType<typeof keyring>;
}> {
  const servers = nats.split(',');
  const who = shadow
    ? { user: shadow.user, pass: shadow.password, inboxPrefix: inboxOf(shadow.user) }
    : user !== undefined
      ? { user, pass: password ?? '' }
      : {};
  const nc = await connect({ servers, name: 'turnstream-shadow', ...who, ...encryption(servers) });
  return tenantKeys === undefined ? { nc } : { nc, cipher: keyring(nc, await readTenantKeys(tenantKeys)) };
}
