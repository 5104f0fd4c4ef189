import { groupsOf } from '../index.ts';
import { actionPorts } from '../action/ports.ts';
import { generatePorts } from '../generate/ports.ts';
import { runGroupProcess } from '../run.ts';

const group = groupsOf('chained').find(({ name }) => name === 'outside');
if (group) {
  runGroupProcess(group, (nc, botOf, _models, tenants) => ({
    ...actionPorts(botOf, tenants),
    ...generatePorts(nc, botOf, tenants),
  }));
}
