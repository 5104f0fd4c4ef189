import { afterAll } from 'vitest';
import { provision } from '../log/provision.ts';
import { startBroker, type TestServer } from '../testing/broker.ts';
import { memoryKnowledge } from './memory.ts';
import { describeKnowledgeStore } from './store.contract.ts';
import { knowledgeStore } from './store.ts';

let broker: TestServer | undefined;
afterAll(() => broker?.stop());

describeKnowledgeStore('memory', () => Promise.resolve(memoryKnowledge(() => new Date())));
describeKnowledgeStore('JetStream', async () => {
  broker = await startBroker();
  const nc = await broker.nc();
  await provision(nc, { replicas: 1, durables: [] });
  return knowledgeStore(nc);
});
