import { jetstream } from '@nats-io/jetstream';
import { expect } from 'vitest';
import { serve } from '../../shared/http/serve.ts';
import { CONVERSATIONS } from '../../shared/log/streams.ts';
import { eventSubject, sessionSubject } from '../../shared/log/subjects.ts';
import { suspectsOf } from '../../shared/log/suspects.ts';
import type { Group } from '../../shared/runtime/chain.ts';
import { onFailpoint } from '../../shared/runtime/failpoint.ts';
import { describeHost, type Verdict } from '../../shared/runtime/host.contract.ts';
import type { Host } from '../../shared/runtime/host.ts';
import { httpHost } from '../../shared/runtime/http.ts';
import { durableOf } from '../../shared/runtime/pull.ts';
import { newSession } from '../../shared/testing/rig.ts';
import { startRig, type Rig } from './rig.fixture.ts';

/** Runs a group behind HTTP and a relay until the one delivery is done with, or was found to have to come again. */
async function run(rig: Rig, name: string, group: Group, host: Host): Promise<Verdict> {
  let again = false;
  onFailpoint((reached) => {
    again ||= reached === 'pull.before-wait' || reached === 'pull.before-acquitting';
  });
  const options = { concurrency: 4, stopping: new AbortController().signal, isReady: () => true };
  const functions = await serve(httpHost(group, host, options), { hostname: '127.0.0.1', port: 0 });
  const relay = await rig.relay({ [name]: functions.url });
  await expect.poll(async () => again || (await rig.open(name)) === 0, { timeout: 15_000, interval: 10 }).toBe(true);
  await relay.stop();
  onFailpoint(undefined);
  await functions.close();
  if ((await rig.open(name)) > 0) return 'redeliver';
  return (await rig.letters(name)) > 0 ? 'dead-letter' : 'settled';
}

describeHost('behind HTTP and a relay', async () => {
  const rig = await startRig();
  return {
    log: rig.log,
    async deliver(group, { envelope, position }, host, attempt) {
      const name = await rig.durable(eventSubject(envelope), position);
      if (attempt > 1) {
        // As another relay would have left it whose function died over it.
        const durable = durableOf({ name });
        const taken = await (await jetstream(rig.nc).consumers.get(CONVERSATIONS, durable)).next();
        await suspectsOf(rig.nc, durable).note(position, attempt - 2);
        taken?.nak();
      }
      return run(rig, name, group, host);
    },
    async deliverNoEvent(group, host) {
      const subject = `${sessionSubject(newSession()).slice(0, -1)}utterance.received`;
      const { seq } = await jetstream(rig.nc).publish(subject, 'neither headers nor JSON');
      return run(rig, await rig.durable(subject, seq), group, host);
    },
    stop: () => rig.stop(),
  };
});
