import { startBroker } from '../testing/broker.ts';
import { jetstreamLog } from './jetstream.ts';
import { describeLog } from './log.contract.ts';
import { provision } from './provision.ts';

describeLog('on JetStream', async () => {
  const broker = await startBroker();
  const nc = await broker.nc();
  await provision(nc, { replicas: 1, durables: [] });
  return { log: jetstreamLog(nc), stop: () => broker.stop() };
});
