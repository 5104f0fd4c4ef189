import { jetstreamManager } from '@nats-io/jetstream';
import { expect, it } from 'vitest';
import type { TenantId } from '../../events/envelope.ts';
import { newSession } from '../testing/rig.ts';
import { startBroker } from '../testing/broker.ts';
import { jetstreamLog } from './jetstream.ts';
import { describeLog } from './log.contract.ts';
import { provision } from './provision.ts';
import { partitionOf, PARTITIONS } from './subjects.ts';

describeLog('on JetStream', async () => {
  const broker = await startBroker();
  const nc = await broker.nc();
  await provision(nc, { replicas: 1, durables: [] });
  return { log: jetstreamLog(nc), stop: () => broker.stop() };
});

// So that a later installation may let the server itself spread sessions over streams.
it('puts sessions into the partitions that the server itself would', async () => {
  const broker = await startBroker();
  try {
    const nc = await broker.nc();
    const jsm = await jetstreamManager(nc);
    const dest = `spread.{{partition(${PARTITIONS},1,2)}}.{{wildcard(1)}}.{{wildcard(2)}}`;
    await jsm.streams.add({ name: 'SPREAD', subjects: ['spread.*.*'], subject_transform: { src: 'spread.*.*', dest } });
    const refs = ['acme', 'globex', 'a', 'initech-2'].flatMap((t) =>
      [1, 2, 3, 4, 5].map(() => newSession(t as TenantId)),
    );
    for (const { tenant, session } of refs) await nc.request(`spread.${tenant}.${session}`);
    const { state } = await jsm.streams.info('SPREAD', { subjects_filter: '>' });
    const wanted = refs.map((ref) => `spread.${partitionOf(ref)}.${ref.tenant}.${ref.session}`);
    expect(Object.keys(state.subjects ?? {}).sort()).toEqual(wanted.sort());
  } finally {
    await broker.stop();
  }
});
